interface Named {
  contact: { name: string | null } | null;
  customer: { name: string | null } | null;
}

/** As the CRM knows them, else as the platform does. */
export const nameOf = ({ customer, contact }: Named) => customer?.name ?? contact?.name ?? 'Unknown';
