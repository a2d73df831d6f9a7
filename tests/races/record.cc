#include "record.h"

namespace latchkey::races {

using namespace engine;

namespace {

Act::Answer answer_of(const Act& act, const Result<Outcome>& outcome) {
  using Answer = Act::Answer;
  if (act.kind == Act::Kind::kUse) return outcome ? Answer::kLive : Answer::kDead;
  if (act.kind == Act::Kind::kRevoke) {
    must(outcome);
    return Answer::kDone;
  }
  if (outcome) return Answer::kGiven;
  const Why why = outcome.error().why;
  if (why == Why::kReplayed) return Answer::kReplayed;
  if (why == Why::kRevoked) return Answer::kRevoked;
  throw std::runtime_error(name_of(why) + (": " + outcome.error().note));
}

}  // namespace

Record::Record(TokenSet first) : first_(std::move(first)) {
  tokens_.push_back(first_.refresh_token);
}

Asked Record::ask(std::mt19937& random, bool revokes) {
  const unsigned dice = random() % 10;
  if (dice == 0)
    return {{.kind = Act::Kind::kUse, .began = ++clock_}, Use{.bearer = first_.access_token}};
  if (dice == 1 && revokes)
    return {{.kind = Act::Kind::kRevoke, .began = ++clock_}, Revoke{.token = first_.access_token}};
  return refresh(static_cast<int>(random() % 8 == 0 ? 2 : random() % 2));
}

Asked Record::ask_on() { return refresh(0); }

Asked Record::refresh(int behind_the_newest) {
  const std::lock_guard lock(mutex_);
  const int newest = static_cast<int>(tokens_.size()) - 1;
  const int token = std::max(0, newest - behind_the_newest);
  const Secret& text = tokens_[static_cast<std::size_t>(token)];
  return {{.kind = Act::Kind::kRefresh, .token = token, .began = ++clock_},
          Refresh{.refresh_token = text}};
}

void Record::hear(const Asked& asked, const Result<Outcome>& outcome) {
  Act act = asked.act;
  act.answer = answer_of(act, outcome);
  if (act.answer == Act::Answer::kGiven)
    act.given = number_of(std::get<TokenSet>(*outcome).refresh_token);
  act.ended = ++clock_;
  const std::lock_guard lock(mutex_);
  acts_.push_back(act);
}

int Record::number_of(const Secret& token) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i] == token) return static_cast<int>(i);
  }
  tokens_.push_back(token);
  return static_cast<int>(tokens_.size()) - 1;
}

}  // namespace latchkey::races
