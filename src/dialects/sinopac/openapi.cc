#include "dialects/sinopac/openapi.h"

namespace latchkey::dialects::sinopac {

std::string_view openapi() {
  return R"json({
  "openapi": "3.1.0",
  "info": {"title": "Sinopac", "version": "1"},
  "paths": {
    "/oauth2/login": {
      "get": {
        "summary": "The login form of an authorization request",
        "responses": {
          "200": {"$ref": "#/components/responses/SinopacPage"},
          "302": {"$ref": "#/components/responses/SinopacPage"},
          "303": {"$ref": "#/components/responses/SinopacPage"},
          "default": {"$ref": "#/components/responses/SinopacPage"}
        },
        "parameters": [
          {"$ref": "#/components/parameters/Sinopac_response_type"},
          {"$ref": "#/components/parameters/Sinopac_client_id"},
          {"$ref": "#/components/parameters/Sinopac_redirect_uri"},
          {"$ref": "#/components/parameters/Sinopac_state"}
        ]
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
          "200": {"$ref": "#/components/responses/SinopacPage"},
          "302": {"$ref": "#/components/responses/SinopacPage"},
          "303": {"$ref": "#/components/responses/SinopacPage"},
          "default": {"$ref": "#/components/responses/SinopacPage"}
        },
        "parameters": [
          {"$ref": "#/components/parameters/Sinopac_response_type"},
          {"$ref": "#/components/parameters/Sinopac_client_id"},
          {"$ref": "#/components/parameters/Sinopac_redirect_uri"},
          {"$ref": "#/components/parameters/Sinopac_state"}
        ]
      }
    },
    "/oauth2/login/continue": {
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
          "200": {"$ref": "#/components/responses/SinopacPage"},
          "302": {"$ref": "#/components/responses/SinopacPage"},
          "303": {"$ref": "#/components/responses/SinopacPage"},
          "default": {"$ref": "#/components/responses/SinopacPage"}
        },
        "parameters": [
          {"$ref": "#/components/parameters/Sinopac_response_type"},
          {"$ref": "#/components/parameters/Sinopac_client_id"},
          {"$ref": "#/components/parameters/Sinopac_redirect_uri"},
          {"$ref": "#/components/parameters/Sinopac_state"}
        ]
      }
    },
    "/oauth2/login/consent": {
      "get": {
        "summary": "What the program may do",
        "responses": {
          "200": {"$ref": "#/components/responses/SinopacPage"},
          "302": {"$ref": "#/components/responses/SinopacPage"},
          "303": {"$ref": "#/components/responses/SinopacPage"},
          "default": {"$ref": "#/components/responses/SinopacPage"}
        },
        "parameters": [
          {"$ref": "#/components/parameters/Sinopac_response_type"},
          {"$ref": "#/components/parameters/Sinopac_client_id"},
          {"$ref": "#/components/parameters/Sinopac_redirect_uri"},
          {"$ref": "#/components/parameters/Sinopac_state"}
        ]
      },
      "post": {
        "summary": "Consent: the browser goes back with a code",
        "requestBody": {
          "required": false,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {"type": "object", "properties": {"form": {"type": "string"}}}
            }
          }
        },
        "responses": {
          "200": {"$ref": "#/components/responses/SinopacPage"},
          "302": {"$ref": "#/components/responses/SinopacPage"},
          "303": {"$ref": "#/components/responses/SinopacPage"},
          "default": {"$ref": "#/components/responses/SinopacPage"}
        },
        "parameters": [
          {"$ref": "#/components/parameters/Sinopac_response_type"},
          {"$ref": "#/components/parameters/Sinopac_client_id"},
          {"$ref": "#/components/parameters/Sinopac_redirect_uri"},
          {"$ref": "#/components/parameters/Sinopac_state"}
        ]
      }
    },
    "/oauth2/login/out": {
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
          "200": {"$ref": "#/components/responses/SinopacPage"},
          "302": {"$ref": "#/components/responses/SinopacPage"},
          "303": {"$ref": "#/components/responses/SinopacPage"},
          "default": {"$ref": "#/components/responses/SinopacPage"}
        },
        "parameters": [
          {"$ref": "#/components/parameters/Sinopac_response_type"},
          {"$ref": "#/components/parameters/Sinopac_client_id"},
          {"$ref": "#/components/parameters/Sinopac_redirect_uri"},
          {"$ref": "#/components/parameters/Sinopac_state"}
        ]
      }
    },
    "/oauth2/token": {
      "post": {
        "summary": "Tokens for a code or a refresh token; either is spent",
        "security": [{"SinopacClient": []}, {}],
        "requestBody": {
          "required": true,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {
                "oneOf": [
                  {
                    "type": "object",
                    "properties": {
                      "grant_type": {"type": "string", "const": "authorization_code"},
                      "code": {"type": "string"},
                      "redirect_uri": {"type": "string"},
                      "client_id": {"type": "string"},
                      "client_secret": {"type": "string"}
                    },
                    "required": ["grant_type", "code", "redirect_uri"]
                  },
                  {
                    "type": "object",
                    "properties": {
                      "grant_type": {"type": "string", "const": "refresh_token"},
                      "refresh_token": {"type": "string"},
                      "client_id": {"type": "string"},
                      "client_secret": {"type": "string"}
                    },
                    "required": ["grant_type", "refresh_token"]
                  }
                ]
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "Tokens",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/SinopacTokens"}}
            }
          },
          "default": {"$ref": "#/components/responses/SinopacError"}
        }
      }
    },
    "/oauth2/api/v1/trust/getTestToken": {
      "post": {
        "summary": "A token of the test API",
        "security": [{"SinopacBearer": []}],
        "responses": {
          "200": {
            "description": "The token",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "success": {"type": "boolean"},
                    "result": {
                      "type": "object",
                      "properties": {"token": {"type": "string"}},
                      "required": ["token"]
                    }
                  },
                  "required": ["success", "result"]
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/SinopacError"}
        }
      }
    }
  },
  "components": {
    "securitySchemes": {
      "SinopacClient": {"type": "http", "scheme": "basic"},
      "SinopacBearer": {"type": "http", "scheme": "bearer"}
    },
    "parameters": {
      "Sinopac_response_type": {
        "name": "response_type",
        "in": "query",
        "schema": {"type": "string"}
      },
      "Sinopac_client_id": {"name": "client_id", "in": "query", "schema": {"type": "string"}},
      "Sinopac_redirect_uri": {
        "name": "redirect_uri",
        "in": "query",
        "schema": {"type": "string"}
      },
      "Sinopac_state": {"name": "state", "in": "query", "schema": {"type": "string"}}
    },
    "responses": {
      "SinopacPage": {
        "description": "A page, the way to the next one, or a page that says what is wrong",
        "content": {"text/html": {"schema": {"type": "string"}}}
      },
      "SinopacError": {
        "description": "A refusal, or an endpoint that is not there",
        "content": {
          "application/json": {
            "schema": {
              "type": "object",
              "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
              "required": ["error"]
            }
          }
        }
      }
    },
    "schemas": {
      "SinopacTokens": {
        "type": "object",
        "properties": {
          "access_token": {"type": "string"},
          "token_type": {"type": "string", "const": "Bearer"},
          "expires_in": {"type": "integer"},
          "refresh_token": {"type": "string"}
        },
        "required": ["access_token", "token_type"]
      }
    }
  }
}
)json";
}

}  // namespace latchkey::dialects::sinopac
