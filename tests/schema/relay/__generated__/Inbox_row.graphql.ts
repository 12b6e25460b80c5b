/**
 * @generated SignedSource<<3eb29360a4978047e12ad6f94be6fab6>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ReaderFragment } from 'relay-runtime';
export type Platform = "EMAIL" | "FACEBOOK" | "OTHER" | "WEB" | "ZALO" | "%future added value";
import { FragmentRefs } from "relay-runtime";
export type Inbox_row$data = {
  readonly assignees: ReadonlyArray<{
    readonly name: string | null | undefined;
  }>;
  readonly contact: {
    readonly avatarUrl: string | null | undefined;
    readonly name: string | null | undefined;
  } | null | undefined;
  readonly lastMessage: {
    readonly event: {
      readonly payload: unknown;
    };
    readonly preview: string | null | undefined;
    readonly sentAt: string;
  } | null | undefined;
  readonly platform: Platform;
  readonly unreadCount: number;
  readonly " $fragmentType": "Inbox_row";
};
export type Inbox_row$key = {
  readonly " $data"?: Inbox_row$data;
  readonly " $fragmentSpreads": FragmentRefs<"Inbox_row">;
};

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
  "metadata": null,
  "name": "Inbox_row",
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "platform",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "unreadCount",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "concreteType": "Participant",
      "kind": "LinkedField",
      "name": "contact",
      "plural": false,
      "selections": [
        (v0/*:: as any*/),
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "avatarUrl",
          "storageKey": null
        }
      ],
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "concreteType": "Staff",
      "kind": "LinkedField",
      "name": "assignees",
      "plural": true,
      "selections": [
        (v0/*:: as any*/)
      ],
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "concreteType": "Message",
      "kind": "LinkedField",
      "name": "lastMessage",
      "plural": false,
      "selections": [
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "preview",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "sentAt",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "concreteType": "Event",
          "kind": "LinkedField",
          "name": "event",
          "plural": false,
          "selections": [
            {
              "alias": null,
              "args": null,
              "kind": "ScalarField",
              "name": "payload",
              "storageKey": null
            }
          ],
          "storageKey": null
        }
      ],
      "storageKey": null
    }
  ],
  "type": "Conversation",
  "abstractKey": null
};
})();

(node as any).hash = "61d1a5d26c86c0e66849874bb1ca1169";

export default node;
