/**
 * @generated SignedSource<<afed033aa7653243b20ead8a3dedd30e>>
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
export type InboxConversationsQuery$variables = {
  after?: string | null | undefined;
  filter?: ConversationFilter | null | undefined;
  first?: number | null | undefined;
};
export type InboxConversationsQuery$data = {
  readonly " $fragmentSpreads": FragmentRefs<"Inbox_conversations">;
};
export type InboxConversationsQuery = {
  response: InboxConversationsQuery$data;
  variables: InboxConversationsQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "after"
  },
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "filter"
  },
  {
    "defaultValue": 20,
    "kind": "LocalArgument",
    "name": "first"
  }
],
v1 = {
  "kind": "Variable",
  "name": "after",
  "variableName": "after"
},
v2 = {
  "kind": "Variable",
  "name": "filter",
  "variableName": "filter"
},
v3 = {
  "kind": "Variable",
  "name": "first",
  "variableName": "first"
},
v4 = [
  (v1/*:: as any*/),
  (v2/*:: as any*/),
  (v3/*:: as any*/),
  {
    "kind": "Literal",
    "name": "orderBy",
    "value": {
      "direction": "DESC",
      "field": "LAST_MESSAGE_AT"
    }
  }
],
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
  "name": "id",
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "InboxConversationsQuery",
    "selections": [
      {
        "args": [
          (v1/*:: as any*/),
          (v2/*:: as any*/),
          (v3/*:: as any*/)
        ],
        "kind": "FragmentSpread",
        "name": "Inbox_conversations"
      }
    ],
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "InboxConversationsQuery",
    "selections": [
      {
        "alias": null,
        "args": (v4/*:: as any*/),
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
                    "selections": [
                      (v5/*:: as any*/),
                      (v6/*:: as any*/)
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
                          },
                          (v6/*:: as any*/)
                        ],
                        "storageKey": null
                      },
                      (v6/*:: as any*/)
                    ],
                    "storageKey": null
                  },
                  (v6/*:: as any*/),
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
        "args": (v4/*:: as any*/),
        "filters": [
          "filter"
        ],
        "handle": "connection",
        "key": "Inbox_conversations",
        "kind": "LinkedHandle",
        "name": "conversations"
      }
    ]
  },
  "params": {
    "cacheID": "72f81b05574c7454b6b6630b07db58e2",
    "id": null,
    "metadata": {},
    "name": "InboxConversationsQuery",
    "operationKind": "query",
    "text": "query InboxConversationsQuery(\n  $after: String\n  $filter: ConversationFilter\n  $first: Int = 20\n) {\n  ...Inbox_conversations_G9cLv\n}\n\nfragment Inbox_conversations_G9cLv on Query {\n  conversations(first: $first, after: $after, filter: $filter, orderBy: {field: LAST_MESSAGE_AT, direction: DESC}) {\n    totalCount\n    edges {\n      node {\n        ...Inbox_row\n        id\n        __typename\n      }\n      cursor\n    }\n    pageInfo {\n      endCursor\n      hasNextPage\n    }\n  }\n}\n\nfragment Inbox_row on Conversation {\n  platform\n  unreadCount\n  contact {\n    name\n    avatarUrl\n  }\n  assignees {\n    name\n    id\n  }\n  lastMessage {\n    preview\n    sentAt\n    event {\n      payload\n      id\n    }\n    id\n  }\n}\n"
  }
};
})();

(node as any).hash = "848dbd49d709afab4d25205814621209";

export default node;
