#include "dialects/oauth2/openapi.h"

namespace latchkey::dialects::oauth2 {

std::string_view openapi() {
  return R"json({
  "openapi": "3.1.0",
  "info": {"title": "OAuth 2 and OpenID Connect", "version": "1"},
  "paths": {
    "/.well-known/oauth-authorization-server": {
      "get": {
        "summary": "The authority's metadata (RFC 8414)",
        "responses": {
          "200": {
            "description": "Metadata",
            "content": {
              "application/json": {"schema": {"type": "object", "required": ["issuer"]}}
            }
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    },
    "/.well-known/openid-configuration": {
      "get": {
        "summary": "The same (OpenID Connect Discovery)",
        "responses": {
          "200": {
            "description": "Metadata",
            "content": {
              "application/json": {"schema": {"type": "object", "required": ["issuer"]}}
            }
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    },
    "/oauth2/jwks": {
      "get": {
        "summary": "The keys that verify what it signs (RFC 7517)",
        "responses": {
          "200": {
            "description": "Keys",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {"keys": {"type": "array", "items": {"type": "object"}}},
                  "required": ["keys"]
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    },
    "/oauth2/authorize": {"$ref": "#/components/pathItems/Oauth2Pages"},
    "/oauth2/authorize/code": {"$ref": "#/components/pathItems/Oauth2Pages"},
    "/oauth2/authorize/continue": {"$ref": "#/components/pathItems/Oauth2Form"},
    "/oauth2/authorize/consent": {"$ref": "#/components/pathItems/Oauth2Pages"},
    "/oauth2/authorize/out": {"$ref": "#/components/pathItems/Oauth2Form"},
    "/oauth2/device": {"$ref": "#/components/pathItems/Oauth2Pages"},
    "/oauth2/device/code": {"$ref": "#/components/pathItems/Oauth2Pages"},
    "/oauth2/device/continue": {"$ref": "#/components/pathItems/Oauth2Form"},
    "/oauth2/device/consent": {"$ref": "#/components/pathItems/Oauth2Pages"},
    "/oauth2/device/out": {"$ref": "#/components/pathItems/Oauth2Form"},
    "/oauth2/token": {
      "post": {
        "summary": "Token endpoint (RFC 6749 section 3.2)",
        "security": [{"Oauth2Basic": []}, {}],
        "requestBody": {
          "required": true,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {
                "type": "object",
                "description": "grant_type, code, redirect_uri, code_verifier, refresh_token, scope, resource, audience, device_code, subject_token, subject_token_type, actor_token, actor_token_type, requested_token_type, client_id, client_secret, client_assertion_type, client_assertion",
                "required": ["grant_type"],
                "additionalProperties": {"type": "string"}
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "Tokens",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/Oauth2Tokens"}}
            }
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    },
    "/oauth2/device_authorization": {
      "post": {
        "summary": "Begin a device's login (RFC 8628)",
        "security": [{"Oauth2Basic": []}, {}],
        "requestBody": {
          "required": true,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {
                "type": "object",
                "description": "client_id, client_secret, scope",
                "additionalProperties": {"type": "string"}
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "Codes",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "device_code": {"type": "string"},
                    "user_code": {"type": "string"},
                    "verification_uri": {"type": "string"},
                    "verification_uri_complete": {"type": "string"},
                    "expires_in": {"type": "integer"},
                    "interval": {"type": "integer"}
                  },
                  "required": ["device_code", "user_code", "verification_uri", "expires_in"]
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    },
    "/oauth2/introspect": {
      "post": {
        "summary": "What a token is (RFC 7662)",
        "security": [{"Oauth2Basic": []}, {}],
        "requestBody": {
          "required": true,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {
                "type": "object",
                "description": "token, token_type_hint, client_id, client_secret",
                "required": ["token"],
                "additionalProperties": {"type": "string"}
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "Active or not",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {"active": {"type": "boolean"}},
                  "required": ["active"]
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    },
    "/oauth2/revoke": {
      "post": {
        "summary": "End a token (RFC 7009)",
        "security": [{"Oauth2Basic": []}, {}],
        "requestBody": {
          "required": true,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {
                "type": "object",
                "description": "token, token_type_hint, client_id, client_secret",
                "required": ["token"],
                "additionalProperties": {"type": "string"}
              }
            }
          }
        },
        "responses": {
          "200": {"description": "Ended, or never known"},
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    },
    "/oauth2/par": {
      "post": {
        "summary": "Push an authorization request (RFC 9126)",
        "security": [{"Oauth2Basic": []}, {}],
        "requestBody": {
          "required": true,
          "content": {
            "application/x-www-form-urlencoded": {
              "schema": {
                "type": "object",
                "description": "response_type, client_id, client_secret, redirect_uri, scope, state, code_challenge, code_challenge_method, nonce",
                "additionalProperties": {"type": "string"}
              }
            }
          }
        },
        "responses": {
          "201": {
            "description": "Where it is kept",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "request_uri": {"type": "string"},
                    "expires_in": {"type": "integer"}
                  },
                  "required": ["request_uri", "expires_in"]
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    },
    "/oauth2/register": {
      "post": {
        "summary": "Register a client (RFC 7591), where that is switched on",
        "security": [{}, {"Oauth2Bearer": []}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"type": "object"}}}
        },
        "responses": {
          "201": {
            "description": "The client",
            "content": {
              "application/json": {"schema": {"type": "object", "required": ["client_id"]}}
            }
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    },
    "/oauth2/userinfo": {
      "get": {
        "summary": "Who the token stands for (OpenID Connect Core section 5.3)",
        "security": [{"Oauth2Bearer": []}],
        "responses": {
          "200": {
            "description": "Claims",
            "content": {"application/json": {"schema": {"type": "object", "required": ["sub"]}}}
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      },
      "post": {
        "summary": "The same",
        "security": [{"Oauth2Bearer": []}],
        "responses": {
          "200": {
            "description": "Claims",
            "content": {"application/json": {"schema": {"type": "object", "required": ["sub"]}}}
          },
          "default": {"$ref": "#/components/responses/Oauth2Error"}
        }
      }
    }
  },
  "components": {
    "pathItems": {
      "Oauth2Pages": {
        "summary": "A page of a person's browser, and its form",
        "get": {
          "summary": "A page",
          "responses": {
            "200": {"$ref": "#/components/responses/Oauth2Page"},
            "302": {"$ref": "#/components/responses/Oauth2Onward"},
            "303": {"$ref": "#/components/responses/Oauth2Onward"},
            "default": {"$ref": "#/components/responses/Oauth2Page"}
          }
        },
        "post": {
          "summary": "A form of it",
          "requestBody": {"$ref": "#/components/requestBodies/Oauth2PageForm"},
          "responses": {
            "200": {"$ref": "#/components/responses/Oauth2Page"},
            "302": {"$ref": "#/components/responses/Oauth2Onward"},
            "303": {"$ref": "#/components/responses/Oauth2Onward"},
            "default": {"$ref": "#/components/responses/Oauth2Page"}
          }
        }
      },
      "Oauth2Form": {
        "summary": "A form of a page",
        "post": {
          "summary": "A form of it",
          "requestBody": {"$ref": "#/components/requestBodies/Oauth2PageForm"},
          "responses": {
            "200": {"$ref": "#/components/responses/Oauth2Page"},
            "302": {"$ref": "#/components/responses/Oauth2Onward"},
            "303": {"$ref": "#/components/responses/Oauth2Onward"},
            "default": {"$ref": "#/components/responses/Oauth2Page"}
          }
        }
      }
    },
    "requestBodies": {
      "Oauth2PageForm": {
        "required": false,
        "content": {
          "application/x-www-form-urlencoded": {
            "schema": {"type": "object", "properties": {"form": {"type": "string"}}}
          }
        }
      }
    },
    "securitySchemes": {
      "Oauth2Basic": {"type": "http", "scheme": "basic"},
      "Oauth2Bearer": {"type": "http", "scheme": "bearer"}
    },
    "responses": {
      "Oauth2Onward": {
        "description": "The way to the next page, or back to the client",
        "headers": {"Location": {"required": true, "schema": {"type": "string"}}}
      },
      "Oauth2Page": {
        "description": "A page, or one that says what is wrong; as text/plain where the request could not be read at all",
        "content": {
          "text/html": {"schema": {"type": "string"}},
          "text/plain": {"schema": {"type": "string"}}
        }
      },
      "Oauth2Error": {
        "description": "A refusal (RFC 6749 section 5.2, RFC 6750 section 3), or an endpoint that is not there; as text/plain where the request could not be read at all",
        "content": {
          "text/plain": {"schema": {"type": "string"}},
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
      "Oauth2Tokens": {
        "type": "object",
        "properties": {
          "access_token": {"type": "string"},
          "token_type": {"type": "string"},
          "expires_in": {"type": "integer"},
          "refresh_token": {"type": "string"},
          "scope": {"type": "string"},
          "id_token": {"type": "string"},
          "issued_token_type": {"type": "string"}
        },
        "required": ["access_token", "token_type"]
      }
    }
  }
}
)json";
}

}  // namespace latchkey::dialects::oauth2
