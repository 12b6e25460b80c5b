import { labelOf } from '../parts/labels';
import { PLATFORMS } from '../parts/platforms';
import type { Profile } from './CustomerPane';

/** The customer's contact details and other fields. Empty fields are left out. */
export function Fields({ customer }: { customer: Profile }) {
  const { phone, email, manager, socialAccounts, customFields } = customer;
  const accounts = socialAccounts.map(({ platform, name }) => [PLATFORMS[platform].name, name] as const);
  const own = customFields.map(({ key, value }) => [labelOf(key), textOf(value)] as const);
  const fields = [['Phone', phone], ['Email', email], ['Managed by', manager?.name], ...accounts, ...own] as const;
  return (
    <section className="section">
      <h3>Details</h3>
      <dl className="fields">
        {fields.map(([label, value], place) => value && <div key={place}><dt>{label}</dt><dd>{value}</dd></div>)}
      </dl>
    </section>
  );
}

const textOf = (value: unknown) =>
  value === null || value === undefined ? '' : Array.isArray(value) ? value.join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value);
