/**
 * @generated SignedSource<<fb64aef7afb121ec4a3f6f982bc9b3f7>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
export type Platform = "EMAIL" | "FACEBOOK" | "OTHER" | "WEB" | "ZALO" | "%future added value";
export type InboxCountedSubscription$variables = Record<PropertyKey, never>;
export type InboxCountedSubscription$data = {
  readonly messageStatsLive: {
    readonly cursor: string;
    readonly rows: ReadonlyArray<{
      readonly count: number;
      readonly platform: Platform | null | undefined;
      readonly time: string | null | undefined;
    }>;
  };
};
export type InboxCountedSubscription = {
  response: InboxCountedSubscription$data;
  variables: InboxCountedSubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Literal",
        "name": "groupBy",
        "value": [
          "TIME",
          "PLATFORM"
        ]
      },
      {
        "kind": "Literal",
        "name": "interval",
        "value": "DAY"
      }
    ],
    "concreteType": "MessageStatsLive",
    "kind": "LinkedField",
    "name": "messageStatsLive",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "cursor",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "concreteType": "MessageStats",
        "kind": "LinkedField",
        "name": "rows",
        "plural": true,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "time",
            "storageKey": null
          },
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
            "name": "count",
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "storageKey": "messageStatsLive(groupBy:[\"TIME\",\"PLATFORM\"],interval:\"DAY\")"
  }
];
return {
  "fragment": {
    "argumentDefinitions": [],
    "kind": "Fragment",
    "metadata": null,
    "name": "InboxCountedSubscription",
    "selections": (v0/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [],
    "kind": "Operation",
    "name": "InboxCountedSubscription",
    "selections": (v0/*:: as any*/)
  },
  "params": {
    "cacheID": "8b5e4df2c13bb58c41f53d13f477fb98",
    "id": null,
    "metadata": {},
    "name": "InboxCountedSubscription",
    "operationKind": "subscription",
    "text": "subscription InboxCountedSubscription {\n  messageStatsLive(groupBy: [TIME, PLATFORM], interval: DAY) {\n    cursor\n    rows {\n      time\n      platform\n      count\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "0aa3bf7d073c26d04b67d50f3b6f7d72";

export default node;
