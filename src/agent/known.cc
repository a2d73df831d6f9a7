#include "agent/known.h"

namespace latchkey::agent {
namespace {

Secret mark_of(const Secret& secret) { return secret.empty() ? Secret() : Secret("there"); }

}  // namespace

broker::Entry known_part(const broker::Entry& entry) {
  broker::Entry known;
  known.generation = entry.generation;
  known.access_token = entry.access_token;
  known.access_until = entry.access_until;
  known.refresh_token = mark_of(entry.refresh_token);
  known.refresh_until = entry.refresh_until;
  known.proof_key = mark_of(entry.proof_key);
  known.parent_token = mark_of(entry.parent_token);
  known.parent_until = entry.parent_until;
  known.logged_in = entry.logged_in;
  known.renewed = entry.renewed;
  known.spending_since = entry.spending_since;
  known.credentials_since = entry.credentials_since;
  for (const auto& [name, secret] : entry.kept) known.kept.emplace(name, mark_of(secret));
  return known;
}

}  // namespace latchkey::agent
