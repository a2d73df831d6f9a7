#pragma once

#include "engine/store.h"
#include "store/memory/state.h"

namespace latchkey::store {

/// One transaction over a State. `change` is null in a read: every verb that
/// writes then says kBug.
class MemoryTx final : public engine::Tx {
 public:
  MemoryTx(const State& state, State* change) : state_(state), change_(change) {}

  // directory.cc
  Result<> put_client(const engine::Client&) override;
  Result<engine::Shared<engine::Client>> client(const Realm&, const ClientId&) override;
  Result<engine::Shared<engine::Client>> client_of_partner(const Realm&,
                                                           std::string_view partner) override;
  Result<std::vector<engine::Client>> clients(const Realm&) override;
  Result<> put_subject(const engine::Subject&) override;
  Result<engine::Shared<engine::Subject>> subject(const Realm&, const SubjectId&) override;
  Result<std::vector<engine::Subject>> subjects(const Realm&) override;
  Result<engine::Organization> add_organization(const Realm&, const SubjectId& owner,
                                                std::string_view name) override;
  Result<std::vector<engine::Organization>> organizations(const Realm&,
                                                          const SubjectId& owner) override;
  Result<engine::Operator> add_operator(const Realm&, std::int64_t organization,
                                        std::string_view name) override;
  Result<std::vector<engine::Operator>> operators(const Realm&, std::int64_t organization) override;
  Result<engine::Shared<engine::Operator>> operator_of(const Realm&, const SubjectId& owner,
                                                       std::int64_t id) override;
  Result<> set_operator_status(const Realm&, std::int64_t id, engine::OperatorStatus) override;

  // families.cc
  Result<> put_grant(const engine::Grant&) override;
  Result<> put_descent(const engine::Descent&) override;
  Result<> put_token(const engine::Token&) override;
  Result<engine::Shared<engine::Holding>> holding(const Realm&, const engine::Hash&) override;
  Result<engine::Spend> spend(const Realm&, const engine::Hash&, Instant now) override;
  Result<> put_answer(const Realm&, const engine::KeptAnswer&) override;
  Result<std::optional<engine::KeptAnswer>> answer(const Realm&, const engine::Hash&) override;
  Result<> drop_answer(const Realm&, const engine::Hash&) override;
  Result<int> revoke_grants(const engine::GrantFilter&, std::string_view why, Instant now) override;
  Result<bool> revoke_grant(const Realm&, const GrantId&, std::string_view why,
                            Instant now) override;
  Result<int> end_refresh_tokens(const Realm&, const SubjectId&, Instant now) override;
  Result<int> end_access_tokens(const Realm&, const GrantId&, Instant now) override;
  Result<std::vector<engine::Grant>> grants(const engine::GrantFilter&, int most) override;
  Result<std::vector<engine::Token>> live_tokens(const Realm&, const GrantId&, int most) override;

  // codes.cc
  Result<> put_code(const engine::Code&) override;
  Result<std::optional<engine::Code>> code(const Realm&, const engine::Hash&) override;
  Result<engine::Spend> spend_code(const Realm&, const engine::Hash&, const GrantId&,
                                   Instant now) override;
  Result<> put_challenge(const engine::Challenge&) override;
  Result<std::optional<engine::Challenge>> challenge(const Realm&, std::string_view id) override;
  Result<std::optional<engine::Challenge>> open_challenge(const Realm&, const ClientId&,
                                                          engine::OtpKind) override;
  Result<> put_session(const engine::Session&) override;
  Result<std::optional<engine::Session>> session(const Realm&, const engine::Hash&) override;
  Result<> drop_session(const Realm&, const engine::Hash&) override;
  Result<int> drop_sessions(const Realm&, const SubjectId&) override;
  Result<> drop_begun(const Realm&, const ClientId&, const SubjectId&) override;
  Result<> drop_pending(const Realm&) override;

  // requests.cc
  Result<> put_device(const engine::DeviceCode&) override;
  Result<std::optional<engine::DeviceCode>> device(const Realm&, const engine::Hash&) override;
  Result<std::optional<engine::DeviceCode>> device_of_user_code(const Realm&,
                                                                const engine::Hash&) override;
  Result<> put_pushed(const engine::PushedRequest&) override;
  Result<std::optional<engine::PushedRequest>> pushed(const Realm&, const engine::Hash&) override;
  Result<engine::Spend> spend_pushed(const Realm&, const engine::Hash&, Instant now) override;
  Result<bool> use_once(const Realm&, const engine::Hash& id, Instant until, Instant now) override;

  // book.cc
  Result<std::int64_t> add_delivery(const engine::Delivery&) override;
  Result<std::vector<engine::Delivery>> deliveries(const Realm&, int most) override;
  Result<engine::Note> add_note(const Realm&, const SubjectId&, std::string_view notebook,
                                std::string_view text, Instant now) override;
  Result<std::vector<engine::Note>> notes(const Realm&, const SubjectId&, std::string_view notebook,
                                          int most) override;
  Result<int> drop_notes(const Realm&) override;
  Result<int> count(const Realm&, std::string_view counter, Instant now, Seconds window) override;
  Result<> reset_count(const Realm&, std::string_view counter) override;
  Result<int> counted(const Realm&, std::string_view counter, Instant now) override;
  Result<bool> raise_mark(const Realm&, std::string_view mark, std::int64_t value) override;
  Result<std::optional<std::int64_t>> mark(const Realm&, std::string_view mark) override;
  Result<> put_key(const engine::StoredKey&) override;
  Result<std::vector<engine::StoredKey>> keys(const Realm&) override;
  Result<> change_key(const engine::StoredKey&) override;

  // sweep.cc
  Result<engine::Swept> sweep(Instant before, int most) override;

 private:
  Result<State*> changing() const {
    if (change_ == nullptr) return fail(Why::kBug, "", "store: a write inside read()");
    return change_;
  }

  const State& state_;
  State* change_;
};

/// A copy of the mapped value, or nullopt.
template <class Map>
std::optional<typename Map::mapped_type> look_up(const Map& map,
                                                 const typename Map::key_type& key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

}  // namespace latchkey::store
