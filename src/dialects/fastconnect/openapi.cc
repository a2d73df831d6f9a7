#include "dialects/fastconnect/openapi.h"

namespace latchkey::dialects::fastconnect {

std::string_view openapi() {
  return R"json({
  "openapi": "3.1.0",
  "info": {"title": "SSI FastConnect", "version": "1"},
  "paths": {
    "/api/v3/auth/requestOtp": {
      "post": {
        "summary": "Send a one-time password, or ask for an approval in the app",
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {"apiKey": {"type": "string"}, "apiSecret": {"type": "string"}},
                "required": ["apiKey", "apiSecret"]
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "Sent",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/FastconnectMessage"}}
            }
          },
          "default": {"$ref": "#/components/responses/FastconnectError"}
        }
      }
    },
    "/api/v3/auth/token": {
      "post": {
        "summary": "Log in",
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {
                  "apiKey": {"type": "string"},
                  "apiSecret": {"type": "string"},
                  "otp": {"type": ["string", "null"]},
                  "transactionId": {"type": ["string", "null"]}
                },
                "required": ["apiKey", "apiSecret"]
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "Tokens",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/FastconnectTokens"}}
            }
          },
          "202": {
            "description": "The approval is awaited: ask again",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/FastconnectMessage"}}
            }
          },
          "default": {"$ref": "#/components/responses/FastconnectError"}
        }
      }
    },
    "/api/v3/auth/refresh": {
      "post": {
        "summary": "Tokens for a refresh token, which is spent",
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {"refreshToken": {"type": "string"}},
                "required": ["refreshToken"]
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "Tokens",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/FastconnectTokens"}}
            }
          },
          "default": {"$ref": "#/components/responses/FastconnectError"}
        }
      }
    },
    "/api/v3/account/info": {
      "get": {
        "summary": "The account's numbers; needs a login with a second factor",
        "security": [{"FastconnectBearer": []}],
        "responses": {
          "200": {
            "description": "Accounts, or code 204 when there is none",
            "content": {"application/json": {"schema": {}}}
          },
          "default": {"$ref": "#/components/responses/FastconnectError"}
        }
      }
    },
    "/api/v3/data/securitiesByBoard": {
      "get": {
        "summary": "The securities of a board",
        "security": [{"FastconnectBearer": []}],
        "parameters": [
          {"name": "board", "in": "query", "schema": {"type": "string"}},
          {"name": "symbol", "in": "query", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {
            "description": "Securities, or code 204 when there is none",
            "content": {"application/json": {"schema": {}}}
          },
          "default": {"$ref": "#/components/responses/FastconnectError"}
        }
      }
    },
    "/api/v3/trading/accountBalance": {
      "get": {
        "summary": "What an account holds; needs a login with a second factor",
        "security": [{"FastconnectBearer": []}],
        "parameters": [
          {"name": "clientId", "in": "query", "required": true, "schema": {"type": "string"}},
          {"name": "accountNo", "in": "query", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {
            "description": "A balance, or code 204 when there is none",
            "content": {"application/json": {"schema": {}}}
          },
          "default": {"$ref": "#/components/responses/FastconnectError"}
        }
      }
    }
  },
  "components": {
    "securitySchemes": {"FastconnectBearer": {"type": "http", "scheme": "bearer"}},
    "responses": {
      "FastconnectError": {
        "description": "A refusal, or an endpoint that is not there",
        "content": {
          "application/json": {"schema": {"$ref": "#/components/schemas/FastconnectMessage"}}
        }
      }
    },
    "schemas": {
      "FastconnectMessage": {
        "type": "object",
        "properties": {
          "code": {"type": "integer"},
          "msg": {"type": "string"},
          "transactionId": {"type": "string"},
          "data": {"type": "object"}
        },
        "required": ["code", "msg"]
      },
      "FastconnectTokens": {
        "description": "As \"data\" too, where the realm's setting token_body says so",
        "oneOf": [
          {
            "type": "object",
            "properties": {
              "tokenType": {"type": "string"},
              "accessToken": {"type": "string"},
              "refreshToken": {"type": "string"},
              "expiresAt": {"type": ["integer", "string"], "description": "Seconds since 1970"},
              "refreshExpiresAt": {"type": ["integer", "string"]}
            },
            "required": [
              "tokenType",
              "accessToken",
              "refreshToken",
              "expiresAt",
              "refreshExpiresAt"
            ]
          },
          {
            "type": "object",
            "properties": {
              "data": {
                "type": "object",
                "properties": {
                  "tokenType": {"type": "string"},
                  "accessToken": {"type": "string"},
                  "refreshToken": {"type": "string"},
                  "expiresAt": {
                    "type": ["integer", "string"],
                    "description": "Seconds since 1970"
                  },
                  "refreshExpiresAt": {"type": ["integer", "string"]}
                },
                "required": [
                  "tokenType",
                  "accessToken",
                  "refreshToken",
                  "expiresAt",
                  "refreshExpiresAt"
                ]
              }
            },
            "required": ["data"]
          }
        ]
      }
    }
  }
}
)json";
}

}  // namespace latchkey::dialects::fastconnect
