#include "dialects/alor/openapi.h"

namespace latchkey::dialects::alor {

std::string_view openapi() {
  return R"json({
  "openapi": "3.1.0",
  "info": {"title": "ALOR test contour", "version": "1"},
  "paths": {
    "/refresh": {
      "post": {
        "summary": "An access token for the refresh token, which stays",
        "parameters": [
          {"name": "token", "in": "query", "schema": {"type": "string"}},
          {
            "name": "allowedPortfolios",
            "in": "query",
            "schema": {"type": "string", "description": "A JSON array"}
          }
        ],
        "requestBody": {
          "required": false,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {
                  "token": {"type": ["string", "null"]},
                  "allowedPortfolios": {"type": ["array", "null"], "items": {"type": "string"}}
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The access token",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {"AccessToken": {"type": "string"}},
                  "required": ["AccessToken"]
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/AlorRefusal"}
        }
      }
    },
    "/md/v2/Clients/{exchange}/{portfolio}/{list}": {
      "get": {
        "summary": "summary, positions or orders of a portfolio",
        "security": [{"AlorBearer": []}],
        "parameters": [
          {"name": "exchange", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "portfolio", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "list",
            "in": "path",
            "required": true,
            "schema": {"type": "string", "enum": ["summary", "positions", "orders"]}
          }
        ],
        "responses": {
          "200": {"description": "The list", "content": {"application/json": {"schema": {}}}},
          "default": {"$ref": "#/components/responses/AlorRefusal"}
        }
      }
    },
    "/client/v1.0/users/{login}/portfolios": {
      "get": {
        "summary": "The portfolios of a user, by market",
        "security": [{"AlorBearer": []}],
        "parameters": [
          {"name": "login", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {
            "description": "Portfolios",
            "content": {"application/json": {"schema": {"type": "object"}}}
          },
          "default": {"$ref": "#/components/responses/AlorRefusal"}
        }
      }
    },
    "/commandapi/warptrans/TRADE/v2/client/orders/actions/limit": {
      "post": {
        "summary": "Place a limit order, in a book of the sandbox",
        "security": [{"AlorBearer": []}],
        "parameters": [{"name": "X-REQID", "in": "header", "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {
                  "side": {"type": "string", "enum": ["buy", "sell"]},
                  "type": {"type": "string"},
                  "quantity": {"type": "integer", "minimum": 1},
                  "price": {"type": "number"},
                  "instrument": {
                    "type": "object",
                    "properties": {"symbol": {"type": "string"}, "exchange": {"type": "string"}},
                    "required": ["symbol", "exchange"]
                  },
                  "user": {
                    "type": "object",
                    "properties": {"portfolio": {"type": "string"}},
                    "required": ["portfolio"]
                  },
                  "comment": {"type": "string"}
                },
                "required": ["side", "type", "quantity", "price", "instrument", "user"]
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The order's number",
            "content": {"application/json": {"schema": {"type": "object"}}}
          },
          "default": {"$ref": "#/components/responses/AlorRefusal"}
        }
      }
    },
    "/tokens": {
      "get": {
        "summary": "Where a person begins who wants a refresh token",
        "responses": {
          "200": {"$ref": "#/components/responses/AlorPage"},
          "302": {"$ref": "#/components/responses/AlorPage"},
          "303": {"$ref": "#/components/responses/AlorPage"},
          "default": {"$ref": "#/components/responses/AlorPage"}
        }
      }
    },
    "/tokens/login": {
      "get": {
        "summary": "The login form",
        "responses": {
          "200": {"$ref": "#/components/responses/AlorPage"},
          "302": {"$ref": "#/components/responses/AlorPage"},
          "303": {"$ref": "#/components/responses/AlorPage"},
          "default": {"$ref": "#/components/responses/AlorPage"}
        }
      },
      "post": {
        "summary": "Log in",
        "requestBody": {
          "required": false,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {"type": "object", "properties": {"form": {"type": "string"}}}
            }
          }
        },
        "responses": {
          "200": {"$ref": "#/components/responses/AlorPage"},
          "302": {"$ref": "#/components/responses/AlorPage"},
          "303": {"$ref": "#/components/responses/AlorPage"},
          "default": {"$ref": "#/components/responses/AlorPage"}
        }
      }
    },
    "/tokens/login/continue": {
      "post": {
        "summary": "Go on",
        "requestBody": {
          "required": false,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {"type": "object", "properties": {"form": {"type": "string"}}}
            }
          }
        },
        "responses": {
          "200": {"$ref": "#/components/responses/AlorPage"},
          "302": {"$ref": "#/components/responses/AlorPage"},
          "303": {"$ref": "#/components/responses/AlorPage"},
          "default": {"$ref": "#/components/responses/AlorPage"}
        }
      }
    },
    "/tokens/login/consent": {
      "get": {
        "summary": "What the program may do",
        "responses": {
          "200": {"$ref": "#/components/responses/AlorPage"},
          "302": {"$ref": "#/components/responses/AlorPage"},
          "303": {"$ref": "#/components/responses/AlorPage"},
          "default": {"$ref": "#/components/responses/AlorPage"}
        }
      },
      "post": {
        "summary": "Consent: both tokens are shown",
        "requestBody": {
          "required": false,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {"type": "object", "properties": {"form": {"type": "string"}}}
            }
          }
        },
        "responses": {
          "200": {"$ref": "#/components/responses/AlorPage"},
          "302": {"$ref": "#/components/responses/AlorPage"},
          "303": {"$ref": "#/components/responses/AlorPage"},
          "default": {"$ref": "#/components/responses/AlorPage"}
        }
      }
    },
    "/tokens/login/out": {
      "post": {
        "summary": "Log out",
        "requestBody": {
          "required": false,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {"type": "object", "properties": {"form": {"type": "string"}}}
            }
          }
        },
        "responses": {
          "200": {"$ref": "#/components/responses/AlorPage"},
          "302": {"$ref": "#/components/responses/AlorPage"},
          "303": {"$ref": "#/components/responses/AlorPage"},
          "default": {"$ref": "#/components/responses/AlorPage"}
        }
      }
    }
  },
  "components": {
    "securitySchemes": {"AlorBearer": {"type": "http", "scheme": "bearer"}},
    "responses": {
      "AlorPage": {
        "description": "A page, the way to the next one, or a page that says what is wrong",
        "content": {"text/html": {"schema": {"type": "string"}}}
      },
      "AlorRefusal": {
        "description": "A refusal, or an endpoint that is not there: the status says it, there is no body"
      }
    },
    "schemas": {}
  }
}
)json";
}

}  // namespace latchkey::dialects::alor
