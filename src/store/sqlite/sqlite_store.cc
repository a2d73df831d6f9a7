#include "store/sqlite/sqlite_store.h"

#include <algorithm>
#include <thread>

#include "store/sqlite/known.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/readers.h"
#include "store/sqlite/safe_file.h"
#include "store/sqlite/writer.h"

namespace latchkey::store {

namespace {

// Of a file that is not there yet. A refresh changes rows of a hundred bytes, some in pages of
// their own, and the log takes whole pages.
constexpr const char* kNewFile = "PRAGMA page_size = 2048";

// The write-ahead log goes into the database every 64 MiB: each time costs two syncs, which a
// commit pays, and a page that changed often goes once. The file keeps its length then, which is
// longer: each page has a head of 24 bytes, and there is room ahead (log_file.h).
constexpr const char* kWriterSettings =
    "PRAGMA synchronous = FULL;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA wal_autocheckpoint = 32768;"
    "PRAGMA journal_size_limit = 75497472";

constexpr std::chrono::milliseconds kWalPause{2};

Result<std::string> ask_for_wal(Connection& db) {
  Statement statement = TRY(db.query("PRAGMA journal_mode = WAL"));
  const bool there = TRY(statement.step());
  return there ? statement.text() : std::string();
}

// SQLite does not wait by itself where two programs ask at once: each reads the file's mode first,
// and neither can change what the other reads.
Result<> use_wal(Connection& db, std::chrono::milliseconds patience) {
  auto mode = ask_for_wal(db);
  for (; !mode && mode.error().why == Why::kUnavailable && patience > kWalPause;
       patience -= kWalPause) {
    std::this_thread::sleep_for(kWalPause);
    mode = ask_for_wal(db);
  }
  if (!mode) return fail(mode.error());
  if (*mode != "wal")
    return fail(Why::kUnavailable, "", "store: the disk cannot hold a write-ahead log");
  return {};
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Known> known, std::unique_ptr<Places> places,
                         std::unique_ptr<Numbers> numbers, std::unique_ptr<Writer> writer,
                         std::unique_ptr<Readers> readers)
    : known_(std::move(known)),
      places_(std::move(places)),
      numbers_(std::move(numbers)),
      writer_(std::move(writer)),
      readers_(std::move(readers)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path,
                                                       const SqliteOptions& options) {
  const std::string real = TRY(safe_file(path));
  auto db = TRY(Connection::open(real, Connection::Role::kWrites, options.patience));
  TRY(schema_of(*db));  // before the first change
  TRY(db->script(kNewFile));
  TRY(use_wal(*db, options.patience));
  TRY(db->script(kWriterSettings));
  TRY(migrate(*db));
  db->checkpoint_on_close();
  auto known = std::make_unique<Known>(db->log_index());
  auto places = std::make_unique<Places>();
  auto readers = std::make_unique<Readers>(real, std::max(1, options.readers), options.patience,
                                           *known, *places);
  auto numbers = std::make_unique<Numbers>();
  const auto highest = TRY(db->number("SELECT ifnull(max(number), 0) FROM token_sets"));
  numbers->skip(highest);
  auto writer = std::make_unique<Writer>(std::move(db), *known, *places, *numbers);
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(known), std::move(places),
                                                      std::move(numbers), std::move(writer),
                                                      std::move(readers)));
}

std::int64_t SqliteStore::next_number() { return numbers_->next(); }

Result<> SqliteStore::do_transact(const Work& work) { return writer_->transact(work); }

void SqliteStore::do_transact_later(std::vector<Work> works, Done done) {
  writer_->transact_later(std::move(works), std::move(done));
}

Result<> SqliteStore::do_read(const Work& work) { return readers_->read(work); }

}  // namespace latchkey::store
