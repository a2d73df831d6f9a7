// latchkey agent …: the program in the background, from the terminal.

#include "agent/agent.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "agent/log_file.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/agent_process.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"
#include "net/unix_listener.h"

namespace latchkey::cli {
namespace {

constexpr int kStopPatience = 60'000;  // milliseconds: a renewal that has begun is finished
constexpr const char* kNotRunning = "no agent is running; start one: latchkey agent start";

struct Options {
  std::string log;
  int ready = -1;
  int lines = 50;
};

/// The answer of the agent that runs; kUnavailable when none does.
Result<client::AgentReply> exchange(Context& context, std::string method, std::string target,
                                    std::string_view body = {}) {
  const std::string socket = agent_socket_of(context);
  if (!client::agent_is_there(socket)) return fail(Why::kUnavailable, kNotRunning);
  auto reply = client::ask_agent(
      socket, {.method = std::move(method), .target = std::move(target), .body = body});
  if (!reply) return fail(Why::kUnavailable, "the agent does not answer; see: latchkey agent log");
  return std::move(*reply);
}

Result<json::Value> ask_status(Context& context) {
  const auto reply = TRY(exchange(context, "GET", "/v1/status"));
  auto told = json::parse(reply.body, {.bytes = client::kMostAnswerBytes});
  if (!told || reply.status != 200 || told->as_object() == nullptr)
    return fail(Why::kBadResponse, "the agent's answer cannot be understood");
  return told;
}

const json::Value* at(const json::Value& from, std::initializer_list<std::string_view> path) {
  const json::Value* value = &from;
  for (const auto name : path) {
    const json::Object* object = value == nullptr ? nullptr : value->as_object();
    value = object == nullptr ? nullptr : object->find(name);
  }
  return value;
}

std::string text_at(const json::Value& from, std::initializer_list<std::string_view> path) {
  const json::Value* value = at(from, path);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? "" : printable(*text);
}

std::optional<Instant> time_at(const json::Value& from, std::string_view clock) {
  const json::Value* value = at(from, {clock, "epoch"});
  if (value == nullptr || value->as_int() == nullptr) return std::nullopt;
  return from_epoch(*value->as_int());
}

std::string human_of(const json::Value& row, Instant now) {
  const auto due = time_at(row, "human");
  if (due && *due <= now) return "now: " + text_at(row, {"human", "remedy"});
  return when(due, now, "none known");
}

bool print_status(const json::Value& told, Instant now) {
  std::vector<std::vector<std::string>> cells = {
      {"PROFILE", "ACCESS TOKEN UNTIL", "RENEWED AHEAD", "NEXT HUMAN ACTION", "LAST RENEWAL"}};
  const json::Value* profiles = at(told, {"profiles"});
  if (profiles != nullptr && profiles->as_array() != nullptr) {
    for (const auto& row : *profiles->as_array()) {
      const std::string failed = text_at(row, {"failed"});
      cells.push_back({text_at(row, {"profile"}), when(time_at(row, "access"), now, "-"),
                       when(time_at(row, "renews"), now, "-"), human_of(row, now),
                       failed.empty() ? "-" : "failed: " + failed});
    }
  }
  const json::Value* pid = at(told, {"agent", "pid"});
  const std::string process =
      pid != nullptr && pid->as_int() != nullptr ? std::to_string(*pid->as_int()) : "?";
  std::string vault = "the vault is " + text_at(told, {"vault", "state"});
  if (const auto why = text_at(told, {"vault", "why"}); !why.empty()) vault += ": " + why;
  return print_line("process " + process + ", since " + text_at(told, {"agent", "started"}) +
                    ", on " + text_at(told, {"agent", "socket"})) &&
         print_line(vault) && (cells.size() == 1 || print(table(cells)));
}

Result<int> run_status(Context& context) {
  const auto told = TRY(ask_status(context));
  if (context.common().json) return print_json(told) ? kOk : kTryLater;
  return print_status(told, context.now()) ? kOk : kTryLater;
}

Result<int> run_start(Context& context) {
  const std::string socket = agent_socket_of(context);
  if (client::agent_is_there(socket)) {
    say("an agent is running already on " + socket);
    return kOk;
  }
  TRY(start_agent(context, true));
  say("an agent listens on " + socket);
  return kOk;
}

Result<int> run_stop(Context& context) {
  const std::string socket = agent_socket_of(context);
  if (!client::agent_is_there(socket)) {
    say("no agent is running");
    return kOk;
  }
  const auto told = TRY(ask_status(context));
  const json::Value* pid = at(told, {"agent", "pid"});
  if (pid == nullptr || pid->as_int() == nullptr)
    return fail(Why::kBadResponse, "the agent's answer cannot be understood");
  const int process = static_cast<int>(syscall(SYS_pidfd_open, *pid->as_int(), 0));
  TRY(exchange(context, "POST", "/v1/stop"));
  pollfd ended{process, POLLIN, 0};
  const bool gone = process < 0 || poll(&ended, 1, kStopPatience) > 0;
  if (process >= 0) close(process);
  if (!gone)
    return fail(Why::kUnavailable, "the agent is still finishing a renewal; its process is " +
                                       std::to_string(*pid->as_int()));
  say("the agent has ended");
  return kOk;
}

Result<int> run_lock(Context& context) {
  TRY(exchange(context, "POST", "/v1/lock"));
  say("the agent is locked");
  return kOk;
}

/// An error in the agent's words, which are those of the command line.
Result<int> refused(const client::AgentReply& reply) {
  const auto told = json::parse(reply.body);
  const json::Value* code = told ? at(*told, {"exit_code"}) : nullptr;
  say(told ? text_at(*told, {"message"}) : "the agent's answer cannot be understood");
  return code != nullptr && code->as_int() != nullptr ? static_cast<int>(*code->as_int())
                                                      : kNotUnderstood;
}

Result<int> run_unlock(Context& context) {
  auto reply = TRY(exchange(context, "POST", "/v1/unlock"));
  const auto told =
      reply.status == 204 ? Result<json::Value>(json::Value()) : json::parse(reply.body);
  if (told && text_at(*told, {"error"}) == "person_needed") {
    const auto ask = passphrase_of_person(context.world().environment, context.common().no_input);
    const Secret passphrase = TRY(ask(false));
    reply = TRY(exchange(context, "POST", "/v1/unlock", passphrase.reveal()));
  }
  if (reply.status != 204) return refused(reply);
  say("the agent is unlocked");
  return kOk;
}

Result<int> run_log(Context& context, int lines) {
  const std::string path = TRY(agent_log(context));
  std::vector<std::string> all;
  for (const auto& name : {path + ".old", path}) {
    std::ifstream file(name);
    for (std::string line; std::getline(file, line);) all.push_back(printable(line, 4096));
  }
  if (all.empty()) {
    say("nothing in " + path + "; of an agent under systemd: journalctl --user -u latchkey-agent");
    return kOk;
  }
  const std::size_t most = static_cast<std::size_t>(std::max(lines, 0));
  for (std::size_t i = all.size() > most ? all.size() - most : 0; i < all.size(); ++i)
    if (!print_line(all[i])) return kTryLater;
  return kOk;
}

/// Tells whoever started us; once.
void report(const Options& options, std::string_view words) {
  if (options.ready < 0) return;
  const std::string line = std::string(words) + "\n";
  (void)!::write(options.ready, line.data(), line.size());
  ::close(options.ready);
}

Result<> run_agent(Context& context, const Options& options) {
  umask(077);
  agent::Options agent;
  std::optional<agent::LogFile> log;
  if (!options.log.empty()) {
    log = TRY(agent::LogFile::open(options.log));
    if (chdir("/") != 0) return fail(Why::kStore, "cannot change to /");
    agent.tick = [&log] { log->keep_small(); };
  }
  agent.registry = &context.registry();
  agent.world = context.world();
  agent.config = context.common().config;
  agent.handed =
      TRY(net::handed_socket(std::getenv("LISTEN_PID"), std::getenv("LISTEN_FDS"), getpid()));
  if (agent.handed < 0) agent.socket = agent_socket_of(context);
  agent.view = client::view_of(context.common().config);
  agent.version = LATCHKEY_VERSION;
  agent.exit_code = [](Why why) { return exit_code(why); };
  agent.ready = [&options] { report(options, "ready"); };
  return agent::run(std::move(agent));
}

Result<int> run_run(Context& context, const Options& options) {
  auto done = run_agent(context, options);
  if (done) return kOk;
  report(options, done.error().say);
  return fail(std::move(done).error());
}

}  // namespace

Run add_agent(CLI::App& parser, const dialect::Registry&) {
  auto options = std::make_shared<Options>();
  auto chosen = std::make_shared<Run>();
  parser.require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Run run) {
    CLI::App* sub = parser.add_subcommand(name, help);
    sub->fallthrough();
    sub->callback([chosen, run = std::move(run)] { *chosen = run; });
    return sub;
  };
  add("start", "start it in the background; returns when it answers", run_start);
  CLI::App* run = add("run", "run it here, until it is told to stop",
                      [options](Context& context) { return run_run(context, *options); });
  run->add_option("--log", options->log, "write the log there and not to standard error")
      ->type_name("FILE");
  run->add_option("--ready", options->ready, "descriptor that hears when it listens")->group("");
  add("stop", "finish what has begun, and end", run_stop);
  add("status", "what it holds, until when, and what it will do", run_status);
  add("lock", "forget tokens and keys until unlock", run_lock);
  add("unlock", "open the vault again, with its passphrase if it has one", run_unlock);
  CLI::App* log = add("log", "the end of its log",
                      [options](Context& context) { return run_log(context, options->lines); });
  log->add_option("-n,--lines", options->lines, "how many lines (50)")->type_name("NUMBER");
  return [chosen](Context& context) { return (*chosen)(context); };
}

}  // namespace latchkey::cli
