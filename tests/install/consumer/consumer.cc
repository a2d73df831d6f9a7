// A program that uses latchkey: consumer PROFILE OTHER_PROFILE
//
// It gets a token in every way that the library has, and prints what came.

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <latchkey_asio.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

/// The usual way: ask whenever you need it. From memory that costs some nanoseconds, so
/// there is no reason to keep a token yourself.
void wait_for_it(latchkey::Ring& ring, const std::string& profile) {
  const latchkey::Ask five_more_minutes{5min, 20s};  // it must live so long; wait no longer
  const latchkey::Token token = ring.token(profile, five_more_minutes);
  for (const auto& [name, value] : token.headers()) std::cout << name << ": " << value << "\n";
  if (!token.warning().empty()) std::cerr << "warning: " << token.warning() << "\n";
}

/// However many ask for a token that is over, it is renewed once.
void from_many_threads(latchkey::Ring& ring, const std::string& profile) {
  std::vector<std::future<latchkey::Token>> asked;
  for (int i = 0; i < 32; ++i)
    asked.push_back(std::async(std::launch::async, [&] { return ring.token(profile); }));
  std::set<std::string> different;
  for (auto& one : asked) different.emplace(one.get().text());
  std::cout << "threads: " << different.size() << " token\n";
}

void in_a_future(latchkey::Ring& ring, const std::string& profile) {
  std::future<latchkey::Token> later = ring.later(profile);
  std::cout << "future: " << later.get().text() << "\n";
}

/// The callback runs on a thread of the library; do not stay there.
void in_a_callback(latchkey::Ring& ring, const std::string& profile) {
  std::promise<void> done;
  ring.request(profile, {}, [&](const latchkey::Error* error, latchkey::Token token) {
    std::cout << "callback: " << (error != nullptr ? error->what() : token.text()) << "\n";
    done.set_value();
  });
  done.get_future().wait();
}

/// Any completion token of Asio will do: use_future, use_awaitable, a handler …
void in_an_event_loop(latchkey::Ring& ring, const std::string& profile) {
  boost::asio::io_context loop;
  latchkey::async_token(
      ring, profile, {},
      boost::asio::bind_executor(loop, [](std::exception_ptr error, latchkey::Token token) {
        if (error) std::rethrow_exception(error);
        std::cout << "asio: " << token.text() << "\n";
      }));
  loop.run();
}

/// The provider answered 401, though the token should live: somebody has ended it there.
void after_a_refusal(latchkey::Ring& ring, const std::string& profile) {
  const latchkey::Token refused = ring.token(profile);
  ring.invalidate(profile, refused);
  const latchkey::Token fresh = ring.token(profile);
  std::cout << "other: " << (fresh.text() == refused.text() ? "the same" : "another") << " token\n";
}

void the_two_clocks(latchkey::Ring& ring, const std::string& profile) {
  const latchkey::Status status = ring.status(profile);
  std::cout << "status: " << (status.alive ? "alive" : "dead") << ", a person is needed "
            << (status.human_action ? "one day" : "never") << ": " << status.remedy << "\n";
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) return LATCHKEY_USAGE;
  const std::string profile = argv[1], other = argv[2];
  latchkey::Ring ring;
  from_many_threads(ring, profile);
  wait_for_it(ring, profile);
  in_a_future(ring, profile);
  in_a_callback(ring, profile);
  in_an_event_loop(ring, profile);
  the_two_clocks(ring, profile);
  after_a_refusal(ring, other);
  return 0;
} catch (const latchkey::Error& error) {
  // One line that says what to do, such as "… is over; run: latchkey login desk".
  std::cerr << error.what() << "\n";
  return error.code();
}
