#include "dialects/chathub/openapi.h"

namespace latchkey::dialects::chathub {

std::string_view openapi() {
  return R"json({
  "openapi": "3.1.0",
  "info": {"title": "SMSBAT ChatHub", "version": "1"},
  "paths": {
    "/api/company/get-token": {
      "post": {
        "summary": "A company's token",
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {"login": {"type": "string"}, "password": {"type": "string"}},
                "required": ["login", "password"]
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The token, a JSON string",
            "content": {"application/json": {"schema": {"type": "string"}}}
          },
          "default": {"$ref": "#/components/responses/ChathubError"}
        }
      }
    },
    "/api/operator/get-token": {
      "post": {
        "summary": "An operator's token, with the company's",
        "security": [{"ChathubBearer": []}, {"ChathubKey": []}],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {
                  "id": {"type": "integer"},
                  "expiresAt": {"type": "string", "format": "date-time"}
                },
                "required": ["id", "expiresAt"]
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The token, a JSON string",
            "content": {"application/json": {"schema": {"type": "string"}}}
          },
          "default": {"$ref": "#/components/responses/ChathubError"}
        }
      }
    },
    "/api/operator/validate-token": {
      "post": {
        "summary": "Whether a token of an operator lives",
        "security": [{"ChathubBearer": []}, {"ChathubKey": []}],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {"token": {"type": "string"}},
                "required": ["token"]
              }
            }
          }
        },
        "responses": {
          "200": {"description": "What it is", "content": {"application/json": {"schema": {}}}},
          "default": {"$ref": "#/components/responses/ChathubError"}
        }
      }
    },
    "/api/company/organization": {
      "get": {
        "summary": "The company's organizations",
        "security": [{"ChathubBearer": []}, {"ChathubKey": []}],
        "responses": {
          "200": {
            "description": "Organizations",
            "content": {
              "application/json": {
                "schema": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
                    "required": ["id", "name"]
                  }
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/ChathubError"}
        }
      }
    },
    "/api/operator": {
      "get": {
        "summary": "The operators of an organization",
        "security": [{"ChathubBearer": []}, {"ChathubKey": []}],
        "parameters": [{"name": "organizationId", "in": "query", "schema": {"type": "integer"}}],
        "responses": {
          "200": {
            "description": "Operators",
            "content": {
              "application/json": {
                "schema": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "properties": {
                      "id": {"type": "integer"},
                      "name": {"type": ["string", "null"]},
                      "status": {"type": ["integer", "string"]},
                      "organizationId": {"type": "integer"}
                    }
                  }
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/ChathubError"}
        }
      }
    },
    "/api/operator/synchronize": {
      "post": {
        "summary": "Add operators: all or none",
        "security": [{"ChathubBearer": []}, {"ChathubKey": []}],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "array",
                "items": {
                  "type": "object",
                  "properties": {
                    "organizationId": {"type": "integer"},
                    "name": {"type": "string"}
                  },
                  "required": ["organizationId", "name"]
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "Those that were added",
            "content": {
              "application/json": {
                "schema": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "properties": {
                      "id": {"type": "integer"},
                      "name": {"type": ["string", "null"]},
                      "status": {"type": ["integer", "string"]},
                      "organizationId": {"type": "integer"}
                    }
                  }
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/ChathubError"}
        }
      }
    },
    "/api/operator/status": {
      "post": {
        "summary": "Set an operator's status; any but active ends its tokens",
        "security": [{"ChathubBearer": []}, {"ChathubKey": []}],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {
                  "id": {"type": "integer"},
                  "status": {"type": "integer", "enum": [0, 1, 2]}
                },
                "required": ["id", "status"]
              }
            }
          }
        },
        "responses": {
          "200": {"description": "Done"},
          "default": {"$ref": "#/components/responses/ChathubError"}
        }
      }
    }
  },
  "components": {
    "securitySchemes": {
      "ChathubBearer": {"type": "http", "scheme": "bearer"},
      "ChathubKey": {"type": "apiKey", "in": "header", "name": "X-Authorization-Key"}
    },
    "responses": {"ChathubError": {"description": "A refusal, or an endpoint that is not there"}},
    "schemas": {}
  }
}
)json";
}

}  // namespace latchkey::dialects::chathub
