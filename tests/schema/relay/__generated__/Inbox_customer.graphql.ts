/**
 * @generated SignedSource<<3c7506bc0cd16f2ee0c8dd6da68f00ac>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ReaderFragment } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type Inbox_customer$data = {
  readonly customFields: ReadonlyArray<{
    readonly key: string;
    readonly value: unknown | null | undefined;
  }>;
  readonly id: string;
  readonly name: string | null | undefined;
  readonly statuses: ReadonlyArray<{
    readonly color: {
      readonly hex: string;
    } | null | undefined;
    readonly name: string | null | undefined;
  }>;
  readonly tickets: {
    readonly nodes: ReadonlyArray<{
      readonly dueAt: string | null | undefined;
      readonly isOverdue: boolean;
      readonly name: string | null | undefined;
    }>;
  };
  readonly " $fragmentType": "Inbox_customer";
};
export type Inbox_customer$key = {
  readonly " $data"?: Inbox_customer$data;
  readonly " $fragmentSpreads": FragmentRefs<"Inbox_customer">;
};

import InboxCustomerQuery_graphql from './InboxCustomerQuery.graphql';

const node: ReaderFragment = (function(){
var v0 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "name",
  "storageKey": null
};
return {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": {
    "refetch": {
      "connection": null,
      "fragmentPathInResult": [
        "node"
      ],
      "operation": InboxCustomerQuery_graphql,
      "identifierInfo": {
        "identifierField": "id",
        "identifierQueryVariableName": "id"
      }
    }
  },
  "name": "Inbox_customer",
  "selections": [
    (v0/*:: as any*/),
    {
      "alias": null,
      "args": null,
      "concreteType": "CustomerStatus",
      "kind": "LinkedField",
      "name": "statuses",
      "plural": true,
      "selections": [
        (v0/*:: as any*/),
        {
          "alias": null,
          "args": null,
          "concreteType": "Color",
          "kind": "LinkedField",
          "name": "color",
          "plural": false,
          "selections": [
            {
              "alias": null,
              "args": null,
              "kind": "ScalarField",
              "name": "hex",
              "storageKey": null
            }
          ],
          "storageKey": null
        }
      ],
      "storageKey": null
    },
    {
      "alias": null,
      "args": [
        {
          "kind": "Literal",
          "name": "keys",
          "value": [
            "cf_points"
          ]
        }
      ],
      "concreteType": "CustomField",
      "kind": "LinkedField",
      "name": "customFields",
      "plural": true,
      "selections": [
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "key",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "value",
          "storageKey": null
        }
      ],
      "storageKey": "customFields(keys:[\"cf_points\"])"
    },
    {
      "alias": null,
      "args": [
        {
          "kind": "Literal",
          "name": "filter",
          "value": {
            "status": {
              "eq": "PROCESS"
            }
          }
        },
        {
          "kind": "Literal",
          "name": "first",
          "value": 5
        }
      ],
      "concreteType": "TicketConnection",
      "kind": "LinkedField",
      "name": "tickets",
      "plural": false,
      "selections": [
        {
          "alias": null,
          "args": null,
          "concreteType": "Ticket",
          "kind": "LinkedField",
          "name": "nodes",
          "plural": true,
          "selections": [
            (v0/*:: as any*/),
            {
              "alias": null,
              "args": null,
              "kind": "ScalarField",
              "name": "dueAt",
              "storageKey": null
            },
            {
              "alias": null,
              "args": null,
              "kind": "ScalarField",
              "name": "isOverdue",
              "storageKey": null
            }
          ],
          "storageKey": null
        }
      ],
      "storageKey": "tickets(filter:{\"status\":{\"eq\":\"PROCESS\"}},first:5)"
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "id",
      "storageKey": null
    }
  ],
  "type": "Customer",
  "abstractKey": null
};
})();

(node as any).hash = "10688a6920d2d4ca3ac34ffe11d1efa1";

export default node;
