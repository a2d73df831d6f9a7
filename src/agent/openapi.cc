#include "agent/openapi.h"

namespace latchkey::agent {

std::string_view openapi() {
  return R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "Latchkey agent",
    "version": "1",
    "description": "HTTP over a Unix socket, for programs of the agent's own user. curl --unix-socket \"$XDG_RUNTIME_DIR/latchkey/agent.sock\" http://localhost/v1/status"
  },
  "servers": [{"url": "http://localhost"}],
  "paths": {
    "/v1/token/{profile}": {
      "get": {
        "summary": "A token that lives, renewed if it must be",
        "parameters": [{"$ref": "#/components/parameters/profile"}, {"$ref": "#/components/parameters/need"}],
        "responses": {
          "200": {
            "description": "The token; text/plain if Accept asks for that",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/Token"}},
              "text/plain": {"schema": {"type": "string"}}
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/header/{profile}": {
      "get": {
        "summary": "The header fields that carry the token",
        "parameters": [{"$ref": "#/components/parameters/profile"}, {"$ref": "#/components/parameters/need"}],
        "responses": {
          "200": {
            "description": "The fields by name; with Accept: text/plain one line each, as curl -H @file reads them",
            "content": {
              "application/json": {"schema": {"type": "object", "additionalProperties": {"type": "string"}}},
              "text/plain": {"schema": {"type": "string"}}
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/status": {
      "get": {
        "summary": "The agent, its vault, and the two clocks of each profile",
        "responses": {"200": {"description": "No secret is in it", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}}}
      }
    },
    "/v1/events": {
      "get": {
        "summary": "What happens from now on, one JSON object a line, without an end",
        "responses": {"200": {"description": "No secret is in it", "content": {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/Event"}}}}}
      }
    },
    "/v1/lock": {
      "post": {
        "summary": "Forget tokens and keys until unlocked",
        "responses": {"204": {"description": "Locked"}}
      }
    },
    "/v1/unlock": {
      "post": {
        "summary": "Open the vault, with the passphrase in the body if it needs one",
        "requestBody": {"required": false, "content": {"text/plain": {"schema": {"type": "string"}}}},
        "responses": {"204": {"description": "Open"}, "default": {"$ref": "#/components/responses/Problem"}}
      }
    },
    "/v1/stop": {
      "post": {
        "summary": "Finish what has begun, and end",
        "responses": {"204": {"description": "It ends"}}
      }
    },
    "/livez": {
      "get": {
        "summary": "Whether the agent answers at all",
        "responses": {"200": {"description": "It does", "content": {"text/plain": {"schema": {"type": "string"}}}}}
      }
    },
    "/openapi.json": {
      "get": {
        "summary": "This text",
        "responses": {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {}}}}
      }
    }
  },
  "components": {
    "parameters": {
      "profile": {"name": "profile", "in": "path", "required": true, "schema": {"type": "string"}},
      "need": {"name": "need", "in": "query", "description": "How long it must live: 60s, 1h; as the profile says if left out", "schema": {"type": "string"}}
    },
    "responses": {
      "Problem": {
        "description": "message and exit_code are those of the command line",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
      }
    },
    "schemas": {
      "Token": {
        "type": "object",
        "required": ["profile", "token", "expires_at"],
        "properties": {
          "profile": {"type": "string"},
          "token": {"type": "string"},
          "expires_at": {"type": ["integer", "null"], "description": "Seconds since 1970; null without a stated end"},
          "warning": {"type": "string"}
        }
      },
      "Problem": {
        "type": "object",
        "required": ["error", "message", "exit_code"],
        "properties": {
          "error": {"type": "string"},
          "message": {"type": "string"},
          "exit_code": {"type": "integer"},
          "retry_after": {"type": "integer"}
        }
      },
      "Clock": {
        "type": ["object", "null"],
        "properties": {
          "until": {"type": "string", "format": "date-time"},
          "local": {"type": "string", "format": "date-time"},
          "epoch": {"type": "integer"},
          "seconds": {"type": "integer"}
        }
      },
      "Status": {
        "type": "object",
        "required": ["agent", "vault", "profiles"],
        "properties": {
          "agent": {"type": "object"},
          "vault": {"type": "object"},
          "profiles": {"type": "array", "items": {"type": "object"}}
        }
      },
      "Event": {
        "type": "object",
        "required": ["event", "profile", "provider", "at", "access", "human"],
        "properties": {
          "event": {"enum": ["rotated", "failed", "needs-a-person", "human-action-due", "forgot"]},
          "profile": {"type": "string"},
          "provider": {"type": "string"},
          "at": {"type": "string", "format": "date-time"},
          "access": {"$ref": "#/components/schemas/Clock"},
          "human": {"$ref": "#/components/schemas/Clock"},
          "error": {"type": "string"},
          "message": {"type": "string"}
        }
      }
    }
  }
}
)json";
}

}  // namespace latchkey::agent
