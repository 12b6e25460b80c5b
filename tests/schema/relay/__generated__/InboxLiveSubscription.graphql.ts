/**
 * @generated SignedSource<<f7d6d8f9af435f5680a854fbe53b8c81>>
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
export type StepKind = "ENTERED" | "LEFT" | "MOVED" | "UPDATED" | "%future added value";
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
export type InboxLiveSubscription$variables = {
  after?: string | null | undefined;
  filter?: ConversationFilter | null | undefined;
};
export type InboxLiveSubscription$data = {
  readonly conversationsLive: {
    readonly cursor: string;
    readonly page: ReadonlyArray<{
      readonly " $fragmentSpreads": FragmentRefs<"Inbox_row">;
    }> | null | undefined;
    readonly steps: ReadonlyArray<{
      readonly afterId: string | null | undefined;
      readonly id: string;
      readonly kind: StepKind;
      readonly node: {
        readonly " $fragmentSpreads": FragmentRefs<"Inbox_row">;
      } | null | undefined;
    }>;
    readonly totalCount: number;
  };
};
export type InboxLiveSubscription = {
  response: InboxLiveSubscription$data;
  variables: InboxLiveSubscription$variables;
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
  }
],
v1 = [
  {
    "kind": "Variable",
    "name": "after",
    "variableName": "after"
  },
  {
    "kind": "Variable",
    "name": "filter",
    "variableName": "filter"
  },
  {
    "kind": "Literal",
    "name": "first",
    "value": 30
  }
],
v2 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "cursor",
  "storageKey": null
},
v3 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "totalCount",
  "storageKey": null
},
v4 = [
  {
    "args": null,
    "kind": "FragmentSpread",
    "name": "Inbox_row"
  }
],
v5 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "kind",
  "storageKey": null
},
v6 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "id",
  "storageKey": null
},
v7 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "afterId",
  "storageKey": null
},
v8 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "name",
  "storageKey": null
},
v9 = [
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
      (v8/*:: as any*/),
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
      (v8/*:: as any*/),
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
  (v6/*:: as any*/)
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "InboxLiveSubscription",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "ConversationsLive",
        "kind": "LinkedField",
        "name": "conversationsLive",
        "plural": false,
        "selections": [
          (v2/*:: as any*/),
          (v3/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "concreteType": "Conversation",
            "kind": "LinkedField",
            "name": "page",
            "plural": true,
            "selections": (v4/*:: as any*/),
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "concreteType": "ConversationStep",
            "kind": "LinkedField",
            "name": "steps",
            "plural": true,
            "selections": [
              (v5/*:: as any*/),
              (v6/*:: as any*/),
              (v7/*:: as any*/),
              {
                "alias": null,
                "args": null,
                "concreteType": "Conversation",
                "kind": "LinkedField",
                "name": "node",
                "plural": false,
                "selections": (v4/*:: as any*/),
                "storageKey": null
              }
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "InboxLiveSubscription",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "ConversationsLive",
        "kind": "LinkedField",
        "name": "conversationsLive",
        "plural": false,
        "selections": [
          (v2/*:: as any*/),
          (v3/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "concreteType": "Conversation",
            "kind": "LinkedField",
            "name": "page",
            "plural": true,
            "selections": (v9/*:: as any*/),
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "concreteType": "ConversationStep",
            "kind": "LinkedField",
            "name": "steps",
            "plural": true,
            "selections": [
              (v5/*:: as any*/),
              (v6/*:: as any*/),
              (v7/*:: as any*/),
              {
                "alias": null,
                "args": null,
                "concreteType": "Conversation",
                "kind": "LinkedField",
                "name": "node",
                "plural": false,
                "selections": (v9/*:: as any*/),
                "storageKey": null
              }
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ]
  },
  "params": {
    "cacheID": "2f034f099243acf53be9877e4fc605df",
    "id": null,
    "metadata": {},
    "name": "InboxLiveSubscription",
    "operationKind": "subscription",
    "text": "subscription InboxLiveSubscription(\n  $after: String\n  $filter: ConversationFilter\n) {\n  conversationsLive(first: 30, after: $after, filter: $filter) {\n    cursor\n    totalCount\n    page {\n      ...Inbox_row\n      id\n    }\n    steps {\n      kind\n      id\n      afterId\n      node {\n        ...Inbox_row\n        id\n      }\n    }\n  }\n}\n\nfragment Inbox_row on Conversation {\n  platform\n  unreadCount\n  contact {\n    name\n    avatarUrl\n  }\n  assignees {\n    name\n    id\n  }\n  lastMessage {\n    preview\n    sentAt\n    event {\n      payload\n      id\n    }\n    id\n  }\n}\n"
  }
};
})();

(node as any).hash = "fb88ff3d97d5d2c3a04be4a3a367199a";

export default node;
