#include "dialects/tconnect/openapi.h"

namespace latchkey::dialects::tconnect {

std::string_view openapi() {
  return R"json({
  "openapi": "3.1.0",
  "info": {"title": "TCONNECT", "version": "1"},
  "paths": {
    "/openapi/v1/auth/login": {
      "post": {
        "summary": "Log in: username, password, client_id and client_secret, sealed",
        "parameters": [
          {"name": "Partner-Code", "in": "header", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/TconnectSealed"}}
          }
        },
        "responses": {
          "200": {
            "description": "Done",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/TconnectTokens"}}
            }
          },
          "default": {"$ref": "#/components/responses/TconnectError"}
        }
      }
    },
    "/openapi/v1/auth/refresh": {
      "post": {
        "summary": "Tokens for a refresh token, sealed, which is spent",
        "parameters": [
          {"name": "Partner-Code", "in": "header", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/TconnectSealed"}}
          }
        },
        "responses": {
          "200": {
            "description": "Done",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/TconnectTokens"}}
            }
          },
          "default": {"$ref": "#/components/responses/TconnectError"}
        }
      }
    },
    "/openapi/v1/transaction/qr": {
      "post": {
        "summary": "Payments of a period",
        "parameters": [
          {"name": "Partner-Code", "in": "header", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/TconnectSealed"}}
          }
        },
        "responses": {
          "200": {
            "description": "Done",
            "content": {"application/json": {"schema": {"type": "object"}}}
          },
          "default": {"$ref": "#/components/responses/TconnectError"}
        },
        "security": [{"TconnectBearer": []}]
      }
    },
    "/openapi/v1/transaction/qr/generate": {
      "post": {
        "summary": "Make a payment code",
        "parameters": [
          {"name": "Partner-Code", "in": "header", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/TconnectSealed"}}
          }
        },
        "responses": {
          "200": {
            "description": "Done",
            "content": {"application/json": {"schema": {"type": "object"}}}
          },
          "default": {"$ref": "#/components/responses/TconnectError"}
        },
        "security": [{"TconnectBearer": []}]
      }
    },
    "/openapi/v1/transaction/qr/order/status": {
      "post": {
        "summary": "The state of a payment",
        "parameters": [
          {"name": "Partner-Code", "in": "header", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/TconnectSealed"}}
          }
        },
        "responses": {
          "200": {
            "description": "Done",
            "content": {"application/json": {"schema": {"type": "object"}}}
          },
          "default": {"$ref": "#/components/responses/TconnectError"}
        },
        "security": [{"TconnectBearer": []}]
      }
    },
    "/openapi/v1/qr": {
      "post": {
        "summary": "Make a payment code for a service",
        "parameters": [
          {"name": "Partner-Code", "in": "header", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/TconnectSealed"}}
          }
        },
        "responses": {
          "200": {
            "description": "Done",
            "content": {"application/json": {"schema": {"type": "object"}}}
          },
          "default": {"$ref": "#/components/responses/TconnectError"}
        },
        "security": [{"TconnectBearer": []}]
      }
    }
  },
  "components": {
    "securitySchemes": {"TconnectBearer": {"type": "http", "scheme": "bearer"}},
    "responses": {
      "TconnectError": {
        "description": "A refusal, or an endpoint that is not there: the same for everything that cannot be read",
        "content": {"application/json": {"schema": {"type": "object"}}}
      }
    },
    "schemas": {
      "TconnectSealed": {
        "type": "object",
        "properties": {
          "data": {
            "type": "string",
            "pattern": "^[0-9A-Fa-f]*$",
            "description": "Hexadecimal: IV and AES-256-CBC of a JSON object"
          }
        },
        "required": ["data"]
      },
      "TconnectTokens": {
        "type": "object",
        "properties": {
          "access_token": {"type": "string"},
          "expires_in": {"type": "integer"},
          "refresh_token": {"type": "string"},
          "refresh_expires_in": {"type": "integer"},
          "token_type": {"type": "string"},
          "session_state": {"type": "string"},
          "scope": {"type": "string"}
        },
        "required": [
          "access_token",
          "expires_in",
          "refresh_token",
          "refresh_expires_in",
          "token_type",
          "session_state",
          "scope"
        ]
      }
    }
  }
}
)json";
}

}  // namespace latchkey::dialects::tconnect
