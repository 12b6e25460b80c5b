/**
 * @generated SignedSource<<28ae2b0200f2401b9e821e1e68f024ca>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ReaderFragment } from 'relay-runtime';
export type Direction = "INBOUND" | "OUTBOUND" | "%future added value";
export type MessageType = "AUDIO" | "FILE" | "IMAGE" | "LINK" | "LOCATION" | "OTHER" | "STICKER" | "TEXT" | "VIDEO" | "%future added value";
import { FragmentRefs } from "relay-runtime";
export type Inbox_message$data = {
  readonly attachments: ReadonlyArray<{
    readonly size: number | null | undefined;
    readonly url: string | null | undefined;
  }>;
  readonly direction: Direction;
  readonly payload: unknown | null | undefined;
  readonly sentAt: string;
  readonly text: string | null | undefined;
  readonly type: MessageType;
  readonly " $fragmentType": "Inbox_message";
};
export type Inbox_message$key = {
  readonly " $data"?: Inbox_message$data;
  readonly " $fragmentSpreads": FragmentRefs<"Inbox_message">;
};

const node: ReaderFragment = {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": null,
  "name": "Inbox_message",
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "direction",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "type",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "text",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "payload",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "concreteType": "Attachment",
      "kind": "LinkedField",
      "name": "attachments",
      "plural": true,
      "selections": [
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "url",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "size",
          "storageKey": null
        }
      ],
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "sentAt",
      "storageKey": null
    }
  ],
  "type": "Message",
  "abstractKey": null
};

(node as any).hash = "5f3c9d721cafb0d5c8cad613488addbb";

export default node;
