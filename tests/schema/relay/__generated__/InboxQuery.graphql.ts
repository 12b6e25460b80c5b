/**
 * @generated SignedSource<<1eed910193f4e87ab16182e50f17b966>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type ChatMode = "OTHER" | "PRIVATE" | "PUBLIC" | "%future added value";
export type Direction = "INBOUND" | "OUTBOUND" | "%future added value";
export type MessageType = "AUDIO" | "FILE" | "IMAGE" | "LINK" | "LOCATION" | "OTHER" | "STICKER" | "TEXT" | "VIDEO" | "%future added value";
export type Platform = "EMAIL" | "FACEBOOK" | "OTHER" | "WEB" | "ZALO" | "%future added value";
export type TicketLevel = "HIGH" | "LOW" | "MEDIUM" | "OTHER" | "%future added value";
export type TicketStatus = "CANCEL" | "DONE" | "OTHER" | "PROCESS" | "%future added value";
export type ConversationFilter = {
  and?: ReadonlyArray<ConversationFilter> | null | undefined;
  assignedAt?: DateTimeFilter | null | undefined;
  assignees?: StaffListFilter | null | undefined;
  channelId?: StringFilter | null | undefined;
  chatMode?: ChatModeFilter | null | undefined;
  contactId?: StringFilter | null | undefined;
  contactName?: StringFilter | null | undefined;
  customer?: CustomerFilter | null | undefined;
  customerId?: IdFilter | null | undefined;
  hasCustomer?: BooleanFilter | null | undefined;
  id?: IdFilter | null | undefined;
  isClosed?: BooleanFilter | null | undefined;
  lastMessageAt?: DateTimeFilter | null | undefined;
  messageCount?: IntFilter | null | undefined;
  messages?: MessageListFilter | null | undefined;
  not?: ConversationFilter | null | undefined;
  or?: ReadonlyArray<ConversationFilter> | null | undefined;
  platform?: PlatformFilter | null | undefined;
  platformName?: StringFilter | null | undefined;
  startedAt?: DateTimeFilter | null | undefined;
  unreadCount?: IntFilter | null | undefined;
};
export type IdFilter = {
  eq?: string | null | undefined;
  in?: ReadonlyArray<string> | null | undefined;
  isNull?: boolean | null | undefined;
  ne?: string | null | undefined;
  notIn?: ReadonlyArray<string> | null | undefined;
};
export type PlatformFilter = {
  eq?: Platform | null | undefined;
  in?: ReadonlyArray<Platform> | null | undefined;
  ne?: Platform | null | undefined;
  notIn?: ReadonlyArray<Platform> | null | undefined;
};
export type StringFilter = {
  contains?: string | null | undefined;
  endsWith?: string | null | undefined;
  eq?: string | null | undefined;
  in?: ReadonlyArray<string> | null | undefined;
  isNull?: boolean | null | undefined;
  ne?: string | null | undefined;
  notIn?: ReadonlyArray<string> | null | undefined;
  startsWith?: string | null | undefined;
};
export type BooleanFilter = {
  eq?: boolean | null | undefined;
  isNull?: boolean | null | undefined;
};
export type ChatModeFilter = {
  eq?: ChatMode | null | undefined;
  in?: ReadonlyArray<ChatMode> | null | undefined;
  ne?: ChatMode | null | undefined;
  notIn?: ReadonlyArray<ChatMode> | null | undefined;
};
export type DateTimeFilter = {
  eq?: string | null | undefined;
  gt?: string | null | undefined;
  gte?: string | null | undefined;
  isNull?: boolean | null | undefined;
  lt?: string | null | undefined;
  lte?: string | null | undefined;
};
export type IntFilter = {
  eq?: number | null | undefined;
  gt?: number | null | undefined;
  gte?: number | null | undefined;
  in?: ReadonlyArray<number> | null | undefined;
  isNull?: boolean | null | undefined;
  lt?: number | null | undefined;
  lte?: number | null | undefined;
  ne?: number | null | undefined;
};
export type StaffListFilter = {
  every?: StaffFilter | null | undefined;
  none?: StaffFilter | null | undefined;
  some?: StaffFilter | null | undefined;
};
export type StaffFilter = {
  id?: IdFilter | null | undefined;
  name?: StringFilter | null | undefined;
};
export type CustomerFilter = {
  and?: ReadonlyArray<CustomerFilter> | null | undefined;
  conversations?: ConversationListFilter | null | undefined;
  createdAt?: DateTimeFilter | null | undefined;
  createdById?: IdFilter | null | undefined;
  customField?: ReadonlyArray<CustomFieldFilter> | null | undefined;
  deletedAt?: DateTimeFilter | null | undefined;
  email?: StringFilter | null | undefined;
  id?: IdFilter | null | undefined;
  managerId?: IdFilter | null | undefined;
  name?: StringFilter | null | undefined;
  not?: CustomerFilter | null | undefined;
  note?: StringFilter | null | undefined;
  or?: ReadonlyArray<CustomerFilter> | null | undefined;
  phone?: StringFilter | null | undefined;
  search?: string | null | undefined;
  status?: StringFilter | null | undefined;
  telco?: StringFilter | null | undefined;
  tickets?: TicketListFilter | null | undefined;
  updatedAt?: DateTimeFilter | null | undefined;
};
export type CustomFieldFilter = {
  exists?: boolean | null | undefined;
  key: string;
  number?: FloatFilter | null | undefined;
  value?: StringFilter | null | undefined;
};
export type FloatFilter = {
  eq?: number | null | undefined;
  gt?: number | null | undefined;
  gte?: number | null | undefined;
  isNull?: boolean | null | undefined;
  lt?: number | null | undefined;
  lte?: number | null | undefined;
  ne?: number | null | undefined;
};
export type ConversationListFilter = {
  every?: ConversationFilter | null | undefined;
  none?: ConversationFilter | null | undefined;
  some?: ConversationFilter | null | undefined;
};
export type TicketListFilter = {
  every?: TicketFilter | null | undefined;
  none?: TicketFilter | null | undefined;
  some?: TicketFilter | null | undefined;
};
export type TicketFilter = {
  and?: ReadonlyArray<TicketFilter> | null | undefined;
  assigneeId?: IdFilter | null | undefined;
  createdAt?: DateTimeFilter | null | undefined;
  createdById?: IdFilter | null | undefined;
  customer?: CustomerFilter | null | undefined;
  customerId?: IdFilter | null | undefined;
  deletedAt?: DateTimeFilter | null | undefined;
  dueAt?: DateTimeFilter | null | undefined;
  id?: IdFilter | null | undefined;
  isOverdue?: BooleanFilter | null | undefined;
  isReminded?: BooleanFilter | null | undefined;
  level?: TicketLevelFilter | null | undefined;
  levelName?: StringFilter | null | undefined;
  name?: StringFilter | null | undefined;
  not?: TicketFilter | null | undefined;
  or?: ReadonlyArray<TicketFilter> | null | undefined;
  search?: string | null | undefined;
  status?: TicketStatusFilter | null | undefined;
  statusName?: StringFilter | null | undefined;
  storeId?: StringFilter | null | undefined;
  typeId?: StringFilter | null | undefined;
  updatedAt?: DateTimeFilter | null | undefined;
};
export type TicketLevelFilter = {
  eq?: TicketLevel | null | undefined;
  in?: ReadonlyArray<TicketLevel> | null | undefined;
  ne?: TicketLevel | null | undefined;
  notIn?: ReadonlyArray<TicketLevel> | null | undefined;
};
export type TicketStatusFilter = {
  eq?: TicketStatus | null | undefined;
  in?: ReadonlyArray<TicketStatus> | null | undefined;
  ne?: TicketStatus | null | undefined;
  notIn?: ReadonlyArray<TicketStatus> | null | undefined;
};
export type MessageListFilter = {
  every?: MessageFilter | null | undefined;
  none?: MessageFilter | null | undefined;
  some?: MessageFilter | null | undefined;
};
export type MessageFilter = {
  and?: ReadonlyArray<MessageFilter> | null | undefined;
  channelId?: StringFilter | null | undefined;
  conversation?: ConversationFilter | null | undefined;
  conversationId?: IdFilter | null | undefined;
  createdAt?: DateTimeFilter | null | undefined;
  customer?: CustomerFilter | null | undefined;
  customerId?: IdFilter | null | undefined;
  direction?: DirectionFilter | null | undefined;
  hasAttachments?: BooleanFilter | null | undefined;
  id?: IdFilter | null | undefined;
  isRead?: BooleanFilter | null | undefined;
  not?: MessageFilter | null | undefined;
  or?: ReadonlyArray<MessageFilter> | null | undefined;
  platform?: PlatformFilter | null | undefined;
  platformName?: StringFilter | null | undefined;
  readBy?: StaffListFilter | null | undefined;
  search?: string | null | undefined;
  senderId?: StringFilter | null | undefined;
  senderName?: StringFilter | null | undefined;
  sentAt?: DateTimeFilter | null | undefined;
  text?: StringFilter | null | undefined;
  type?: MessageTypeFilter | null | undefined;
  typeName?: StringFilter | null | undefined;
};
export type DirectionFilter = {
  eq?: Direction | null | undefined;
  in?: ReadonlyArray<Direction> | null | undefined;
  ne?: Direction | null | undefined;
  notIn?: ReadonlyArray<Direction> | null | undefined;
};
export type MessageTypeFilter = {
  eq?: MessageType | null | undefined;
  in?: ReadonlyArray<MessageType> | null | undefined;
  ne?: MessageType | null | undefined;
  notIn?: ReadonlyArray<MessageType> | null | undefined;
};
export type InboxQuery$variables = {
  customer: string;
  filter?: ConversationFilter | null | undefined;
};
export type InboxQuery$data = {
  readonly customFieldKeys: ReadonlyArray<{
    readonly customers: number;
    readonly isNumeric: boolean;
    readonly key: string;
  }>;
  readonly customer: {
    readonly " $fragmentSpreads": FragmentRefs<"Inbox_customer">;
  } | null | undefined;
  readonly customerStats: ReadonlyArray<{
    readonly count: number;
    readonly manager: {
      readonly name: string | null | undefined;
    } | null | undefined;
    readonly status: string | null | undefined;
  }>;
  readonly head: string;
  readonly " $fragmentSpreads": FragmentRefs<"Inbox_conversations">;
};
export type InboxQuery = {
  response: InboxQuery$data;
  variables: InboxQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "customer"
  },
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "filter"
  }
],
v1 = {
  "kind": "Variable",
  "name": "filter",
  "variableName": "filter"
},
v2 = [
  {
    "kind": "Variable",
    "name": "id",
    "variableName": "customer"
  }
],
v3 = [
  {
    "kind": "Literal",
    "name": "groupBy",
    "value": [
      "STATUS",
      "MANAGER"
    ]
  }
],
v4 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "status",
  "storageKey": null
},
v5 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "name",
  "storageKey": null
},
v6 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "count",
  "storageKey": null
},
v7 = {
  "kind": "Literal",
  "name": "first",
  "value": 20
},
v8 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "key",
  "storageKey": null
},
v9 = {
  "alias": null,
  "args": [
    (v7/*:: as any*/),
    {
      "kind": "Literal",
      "name": "search",
      "value": "diem"
    }
  ],
  "concreteType": "CustomFieldKey",
  "kind": "LinkedField",
  "name": "customFieldKeys",
  "plural": true,
  "selections": [
    (v8/*:: as any*/),
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "customers",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "isNumeric",
      "storageKey": null
    }
  ],
  "storageKey": "customFieldKeys(first:20,search:\"diem\")"
},
v10 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "head",
  "storageKey": null
},
v11 = [
  (v1/*:: as any*/),
  (v7/*:: as any*/),
  {
    "kind": "Literal",
    "name": "orderBy",
    "value": {
      "direction": "DESC",
      "field": "LAST_MESSAGE_AT"
    }
  }
],
v12 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "id",
  "storageKey": null
},
v13 = [
  (v5/*:: as any*/),
  (v12/*:: as any*/)
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "InboxQuery",
    "selections": [
      {
        "args": [
          (v1/*:: as any*/)
        ],
        "kind": "FragmentSpread",
        "name": "Inbox_conversations"
      },
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "Customer",
        "kind": "LinkedField",
        "name": "customer",
        "plural": false,
        "selections": [
          {
            "args": null,
            "kind": "FragmentSpread",
            "name": "Inbox_customer"
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": (v3/*:: as any*/),
        "concreteType": "CustomerStats",
        "kind": "LinkedField",
        "name": "customerStats",
        "plural": true,
        "selections": [
          (v4/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "concreteType": "Staff",
            "kind": "LinkedField",
            "name": "manager",
            "plural": false,
            "selections": [
              (v5/*:: as any*/)
            ],
            "storageKey": null
          },
          (v6/*:: as any*/)
        ],
        "storageKey": "customerStats(groupBy:[\"STATUS\",\"MANAGER\"])"
      },
      (v9/*:: as any*/),
      (v10/*:: as any*/)
    ],
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "InboxQuery",
    "selections": [
      {
        "alias": null,
        "args": (v11/*:: as any*/),
        "concreteType": "ConversationConnection",
        "kind": "LinkedField",
        "name": "conversations",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "totalCount",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "concreteType": "ConversationEdge",
            "kind": "LinkedField",
            "name": "edges",
            "plural": true,
            "selections": [
              {
                "alias": null,
                "args": null,
                "concreteType": "Conversation",
                "kind": "LinkedField",
                "name": "node",
                "plural": false,
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
                      (v5/*:: as any*/),
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
                    "selections": (v13/*:: as any*/),
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
                          },
                          (v12/*:: as any*/)
                        ],
                        "storageKey": null
                      },
                      (v12/*:: as any*/)
                    ],
                    "storageKey": null
                  },
                  (v12/*:: as any*/),
                  {
                    "alias": null,
                    "args": null,
                    "kind": "ScalarField",
                    "name": "__typename",
                    "storageKey": null
                  }
                ],
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "cursor",
                "storageKey": null
              }
            ],
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "concreteType": "PageInfo",
            "kind": "LinkedField",
            "name": "pageInfo",
            "plural": false,
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "endCursor",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "hasNextPage",
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
        "args": (v11/*:: as any*/),
        "filters": [
          "filter"
        ],
        "handle": "connection",
        "key": "Inbox_conversations",
        "kind": "LinkedHandle",
        "name": "conversations"
      },
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "Customer",
        "kind": "LinkedField",
        "name": "customer",
        "plural": false,
        "selections": [
          (v5/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "concreteType": "CustomerStatus",
            "kind": "LinkedField",
            "name": "statuses",
            "plural": true,
            "selections": [
              (v5/*:: as any*/),
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
              (v8/*:: as any*/),
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
                  (v5/*:: as any*/),
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
                  },
                  (v12/*:: as any*/)
                ],
                "storageKey": null
              }
            ],
            "storageKey": "tickets(filter:{\"status\":{\"eq\":\"PROCESS\"}},first:5)"
          },
          (v12/*:: as any*/)
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": (v3/*:: as any*/),
        "concreteType": "CustomerStats",
        "kind": "LinkedField",
        "name": "customerStats",
        "plural": true,
        "selections": [
          (v4/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "concreteType": "Staff",
            "kind": "LinkedField",
            "name": "manager",
            "plural": false,
            "selections": (v13/*:: as any*/),
            "storageKey": null
          },
          (v6/*:: as any*/)
        ],
        "storageKey": "customerStats(groupBy:[\"STATUS\",\"MANAGER\"])"
      },
      (v9/*:: as any*/),
      (v10/*:: as any*/)
    ]
  },
  "params": {
    "cacheID": "3254072f6530ec7740b7dbaffa29264a",
    "id": null,
    "metadata": {},
    "name": "InboxQuery",
    "operationKind": "query",
    "text": "query InboxQuery(\n  $customer: ID!\n  $filter: ConversationFilter\n) {\n  ...Inbox_conversations_Vt7Yj\n  customer(id: $customer) {\n    ...Inbox_customer\n    id\n  }\n  customerStats(groupBy: [STATUS, MANAGER]) {\n    status\n    manager {\n      name\n      id\n    }\n    count\n  }\n  customFieldKeys(first: 20, search: \"diem\") {\n    key\n    customers\n    isNumeric\n  }\n  head\n}\n\nfragment Inbox_conversations_Vt7Yj on Query {\n  conversations(first: 20, filter: $filter, orderBy: {field: LAST_MESSAGE_AT, direction: DESC}) {\n    totalCount\n    edges {\n      node {\n        ...Inbox_row\n        id\n        __typename\n      }\n      cursor\n    }\n    pageInfo {\n      endCursor\n      hasNextPage\n    }\n  }\n}\n\nfragment Inbox_customer on Customer {\n  name\n  statuses {\n    name\n    color {\n      hex\n    }\n  }\n  customFields(keys: [\"cf_points\"]) {\n    key\n    value\n  }\n  tickets(first: 5, filter: {status: {eq: PROCESS}}) {\n    nodes {\n      name\n      dueAt\n      isOverdue\n      id\n    }\n  }\n  id\n}\n\nfragment Inbox_row on Conversation {\n  platform\n  unreadCount\n  contact {\n    name\n    avatarUrl\n  }\n  assignees {\n    name\n    id\n  }\n  lastMessage {\n    preview\n    sentAt\n    event {\n      payload\n      id\n    }\n    id\n  }\n}\n"
  }
};
})();

(node as any).hash = "72609c1659c9af00a54fb93dc82e2779";

export default node;
