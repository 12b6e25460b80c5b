interface Named {
  contact: { name: string | null } | null;
  customer: { name: string | null } | null;
}

/** The name in the CRM, otherwise the one on the platform. */
export const nameOf = ({ customer, contact }: Named) => customer?.name ?? contact?.name ?? 'Unknown';
