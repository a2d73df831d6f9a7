#pragma once

#include "engine/store.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/known.h"
#include "store/sqlite/places.h"

namespace latchkey::store {

/// Where the next sweep goes on. Losing it costs a second look at some rows.
struct SweepPlace {
  std::int64_t token_set = 0;
  std::int64_t family = 0;
};

/// The verbs of engine::Tx as SQL, inside a transaction that somebody else
/// begins and ends.
class SqliteTx final : public engine::Tx {
 public:
  /// One that writes. `version`: of the directory, as this transaction finds it.
  SqliteTx(Connection& db, SweepPlace& place, Places& places, Numbers& numbers,
           std::optional<std::uint64_t> version)
      : db_(db), place_(place), places_(places), numbers_(&numbers), version_(version) {}
  /// One that only reads, and need not read what is known; `mark` is of before its snapshot.
  SqliteTx(Connection& db, SweepPlace& unused, Places& places, Known& known, Known::Mark mark)
      : db_(db),
        place_(unused),
        places_(places),
        known_(&known),
        mark_(mark),
        version_(known.version(mark)) {}

  /// Writes what put_token() put off. The last call before the transaction is kept.
  Result<> finish();
  /// What readers must forget and may know, when so many rows were changed. Verbs that say
  /// nothing of what they change make them forget everything. The last call.
  Changed changed(int rows);

  std::optional<std::uint64_t> directory_version() const override;

  // tx_directory.cc
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

  // tx_families.cc
  Result<> put_grant(const engine::Grant&) override;
  Result<> put_descent(const engine::Descent&) override;
  Result<int> revoke_grants(const engine::GrantFilter&, std::string_view why, Instant now) override;
  Result<bool> revoke_grant(const Realm&, const GrantId&, std::string_view why,
                            Instant now) override;
  Result<std::vector<engine::Grant>> grants(const engine::GrantFilter&, int most) override;

  // tx_tokens.cc
  Result<> put_token(const engine::Token&) override;
  Result<> put_tokens_of(const engine::Grant&, std::span<const engine::Token>) override;
  Result<engine::Shared<engine::Holding>> holding(const Realm&, const engine::Hash&) override;
  Result<engine::Spend> spend(const Realm&, const engine::Hash&, Instant now) override;
  Result<engine::Spend> spend_ending_access(const Realm&, const engine::Hash&,
                                            Instant now) override;
  Result<> put_answer(const Realm&, const engine::KeptAnswer&) override;
  Result<std::optional<engine::KeptAnswer>> answer(const Realm&, const engine::Hash&) override;
  Result<> drop_answer(const Realm&, const engine::Hash&) override;
  Result<int> end_refresh_tokens(const Realm&, const SubjectId&, Instant now) override;
  Result<int> end_access_tokens(const Realm&, const GrantId&, Instant now) override;
  Result<std::vector<engine::Token>> live_tokens(const Realm&, const GrantId&, int most) override;

  // tx_codes.cc
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

  // tx_requests.cc
  Result<> put_device(const engine::DeviceCode&) override;
  Result<std::optional<engine::DeviceCode>> device(const Realm&, const engine::Hash&) override;
  Result<std::optional<engine::DeviceCode>> device_of_user_code(const Realm&,
                                                                const engine::Hash&) override;
  Result<> put_pushed(const engine::PushedRequest&) override;
  Result<std::optional<engine::PushedRequest>> pushed(const Realm&, const engine::Hash&) override;
  Result<engine::Spend> spend_pushed(const Realm&, const engine::Hash&, Instant now) override;
  Result<bool> use_once(const Realm&, const engine::Hash& id, Instant until, Instant now) override;

  // tx_book.cc
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

  // tx_sweep.cc
  Result<engine::Swept> sweep(Instant before, int most) override;

 private:
  static Result<FamilyPlace> family_from(Statement& row);
  /// Makes it the one that was met last; false when there is no such family.
  Result<bool> meet(const GrantId&);

  /// What no reader keeps: a new row, a refresh token, a family's furthest end.
  Result<> run_unknown(std::string_view sql, std::initializer_list<Parameter> values);
  /// Rows were changed that are known under this family at most.
  void forget(const GrantId&, int rows);
  /// One row of what was issued together; null: there is none of that kind.
  Result<> put_set(const engine::Token* access, const engine::Token* refresh);
  /// The same of the family that was met last, under that number; 0 where it is taken.
  Result<int> add_set(std::int64_t number, const engine::Token* access,
                      const engine::Token* refresh);
  Result<> put_at_another_number(const engine::Token* access, const engine::Token* refresh);
  enum class Ends { kNothingElse, kAccess };
  Result<engine::Spend> use_up(const Realm&, const engine::Hash&, Instant now, Ends);
  /// use_up() of a token whose row and family are known; false where that was of no use.
  Result<bool> use_up_in_place(const Realm&, const engine::Hash&, Instant now, Ends);
  /// end_access_tokens() of the family that was met last.
  Result<int> end_access(Instant now);

  Connection& db_;
  SweepPlace& place_;
  Places& places_;
  Numbers* const numbers_ = nullptr;
  Known* const known_ = nullptr;
  const Known::Mark mark_ = {};
  const std::optional<std::uint64_t> version_;
  std::optional<FamilyPlace> family_;  ///< met last: a refresh speaks of one six times
  bool lengthened_ = false;            ///< its row does not know its ends yet
  const int before_ = db_.changes();
  int explained_ = 0;
  std::vector<GrantId> forgotten_;
  std::vector<engine::Hash> over_;
  std::vector<engine::Shared<engine::Holding>> fresh_;
};

/// Every remaining row of the statement, read by `row_of`: Row(Statement&) or
/// Result<Row>(Statement&).
template <class RowOf>
auto rows_of(Result<Statement> asked, RowOf row_of)
    -> Result<std::vector<std::decay_t<decltype(*row_of(*asked))>>> {
  Statement statement = TRY(std::move(asked));
  std::vector<std::decay_t<decltype(*row_of(statement))>> rows;
  for (;;) {
    const bool there = TRY(statement.step());
    if (!there) return rows;
    auto row = TRY(row_of(statement));
    rows.push_back(std::move(row));
  }
}

/// The first row, or nullopt.
template <class RowOf>
auto row_of(Result<Statement> asked, RowOf read)
    -> Result<std::optional<std::decay_t<decltype(*read(*asked))>>> {
  Statement statement = TRY(std::move(asked));
  const bool there = TRY(statement.step());
  if (!there) return std::nullopt;
  auto row = TRY(read(statement));
  return row;
}

}  // namespace latchkey::store
