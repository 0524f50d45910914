namespace Kybernet.Store.Tests.Histories;

/// <summary>
/// Finds whether a history could be that of one store that does one thing after another: there is one order of all writes, that of their revisions, in
/// which every answer is right, and which never puts what ended before something else began behind it. Because the store names a revision with each answer,
/// the order need not be searched for. What was cut off may have happened, once, at any time after it was asked.
/// </summary>
internal sealed class HistoryChecker
{
    private readonly History _history;
    private readonly EventLog _log;
    private readonly List<string> _violations = [];
    private readonly long[] _known; // by line: the newest revision that somebody had been told of before it
    private readonly long[] _possible; // by line: the newest revision whose write had been asked for until it
    private readonly Dictionary<long, WriteOf> _makers = [];

    private HistoryChecker(History history)
    {
        _history = history;
        _log = EventLog.Of(history, _violations);
        _known = KnownRevisions();
        FindMakers();
        _possible = PossibleRevisions();
    }

    /// <summary>What is wrong with a history; nothing, if it is right.</summary>
    public static IReadOnlyList<string> Check(History history)
    {
        var checker = new HistoryChecker(history);
        checker.CheckRequests();
        foreach (var watch in history.Watches)
        {
            checker.CheckWatch(watch);
        }
        return checker._violations;
    }

    /// <summary>Finds which write made each event. One that has none was made up, or made by a write that was reported as not made.</summary>
    private void FindMakers()
    {
        var puts = _history.Requests.OfType<WriteOf>().Where(static write => !write.IsDeletion).ToDictionary(static write => write.Token, StringComparer.Ordinal);
        var told = _history.Requests.OfType<WriteOf>().Where(static write => write is { IsDeletion: true, Ending: Ending.Answered })
            .ToLookup(static write => (write.Key, write.Revision));
        var cutOff = _history.Requests.OfType<WriteOf>().Where(static write => write is { IsDeletion: true, Ending: Ending.Unknown }).ToList();
        var made = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (revision, change) in _log.Events)
        {
            var maker = change.Current is { } current
                ? puts.GetValueOrDefault(current.Token)
                // One that found nothing to delete was told the same revision, if it came right after.
                : told[(change.Key, revision)].Where(write => Fits(write, change)).OrderBy(static write => write.Expected is null).FirstOrDefault()
                    ?? cutOff.Find(write => Fits(write, change) && !made.Contains(write.Id));
            if (maker is null || maker.Key != change.Key || maker.Ending is Ending.Failed or Ending.Refused || (maker.Ending == Ending.Answered && maker.Revision != revision))
            {
                _violations.Add($"{change} was made by nobody; the nearest is {maker}");
            }
            else if (!made.Add(maker.Id))
            {
                _violations.Add($"{maker} was made twice");
            }
            else
            {
                _makers[revision] = maker;
                if (maker.Expected is { } expected && expected != (change.Previous?.Mod ?? 0))
                {
                    _violations.Add($"{maker} was made on {change.Previous}");
                }
            }
        }
    }

    private long[] KnownRevisions()
    {
        var known = new long[_history.Lines + 2];
        foreach (var request in _history.Requests.Where(static request => request.Ending is Ending.Answered or Ending.Refused && request is not CompactionOf))
        {
            known[request.End + 1] = Math.Max(known[request.End + 1], request.Revision);
        }
        foreach (var batch in _history.Watches.SelectMany(static watch => watch.Batches))
        {
            known[batch.Line + 1] = Math.Max(known[batch.Line + 1], batch.Revision);
        }
        for (var line = 1; line < known.Length; line++)
        {
            known[line] = Math.Max(known[line], known[line - 1]);
        }
        return known;
    }

    private long[] PossibleRevisions()
    {
        var possible = Enumerable.Repeat(_log.Newest, _history.Lines + 2).ToArray();
        foreach (var (revision, maker) in _makers)
        {
            possible[maker.Start - 1] = Math.Min(possible[maker.Start - 1], revision - 1);
        }
        for (var line = possible.Length - 2; line >= 0; line--)
        {
            possible[line] = Math.Min(possible[line], possible[line + 1]);
        }
        return possible;
    }

    private void CheckRequests()
    {
        foreach (var (revision, maker) in _makers)
        {
            Demand(revision > _known[maker.Start], $"{maker} is at revision {revision}, and {_known[maker.Start]} was known before it began");
        }
        foreach (var request in _history.Requests)
        {
            switch (request)
            {
                case WriteOf { Ending: Ending.Answered } write:
                    CheckAnswered(write);
                    break;
                case WriteOf { Ending: Ending.Refused } write:
                    CheckRead(write, write.Revision);
                    Demand(write.State == _log.At(write.Key, write.Revision), $"{write} was told of another state than {_log.At(write.Key, write.Revision)}");
                    Demand(write.Expected is { } expected && expected != (write.State?.Mod ?? 0), $"{write} was refused for nothing");
                    break;
                case GetOf { Ending: Ending.Answered } get:
                    Demand(_log.WasWithin(get.Key, get.State, _known[get.Start], _possible[get.End]), $"{get} was not so at any time while it was asked");
                    break;
                case RangeOf range:
                    CheckRange(range);
                    break;
            }
        }
    }

    private void CheckAnswered(WriteOf write)
    {
        if (_makers.TryGetValue(write.Revision, out var maker) && maker == write)
        {
            Demand(write.State == _log.Events[write.Revision].Current, $"{write} was told of another state than it made");
            return;
        }
        // Deleting what is not there makes no revision, and is no failure.
        Demand(
            write is { IsDeletion: true, Expected: null or 0, State: null } && _log.At(write.Key, write.Revision) is null,
            $"{write} was acknowledged and is lost");
        CheckRead(write, write.Revision);
    }

    private void CheckRange(RangeOf range)
    {
        var compactions = _history.Requests.OfType<CompactionOf>().Where(compaction => compaction.Through > range.At && compaction.Ending != Ending.Failed);
        if (range.Ending == Ending.Compacted)
        {
            Demand(
                range.At > 0 && _history.Requests.OfType<CompactionOf>().Any(compaction => compaction.Through > range.At && compaction.Start < range.End),
                $"{range} was compacted by nobody");
        }
        else if (range.Ending == Ending.Answered)
        {
            if (range.At == 0)
            {
                CheckRead(range, range.Revision);
            }
            else
            {
                Demand(!compactions.Any(compaction => compaction.Ending == Ending.Answered && compaction.End < range.Start), $"{range} was compacted before");
            }
            var expected = _log.Range(range.Prefix, range.Revision);
            Demand(
                expected.Count == range.Items.Count && expected.All(item => range.Items.GetValueOrDefault(item.Key) == item.Value),
                $"{range} has [{string.Join(", ", range.Items)}] and should have [{string.Join(", ", expected)}]");
        }
    }

    private void CheckRead(Request request, long revision)
    {
        Demand(revision >= _known[request.Start], $"{request} is at revision {revision}, and {_known[request.Start]} was known before it began");
        Demand(revision <= _possible[request.End], $"{request} is at revision {revision}, and only {_possible[request.End]} can have been reached when it ended");
    }

    /// <summary>Each watch has each event of its prefix once, in order, and a batch says no more than what was delivered.</summary>
    private void CheckWatch(WatchOf watch)
    {
        var reached = watch.After;
        foreach (var batch in watch.Batches)
        {
            Demand(batch.Revision >= reached, $"watch {watch.Id} was at {reached} and says that it is at {batch.Revision}");
            Demand(batch.Revision <= _possible[batch.Line], $"watch {watch.Id} is at {batch.Revision}, and only {_possible[batch.Line]} can have been reached");
            var expected = _log.Between(watch.Prefix, reached, batch.Revision);
            Demand(
                expected.SequenceEqual(batch.Events),
                $"watch {watch.Id} from {reached} to {batch.Revision} was told [{Revisions(batch.Events)}] and not [{Revisions(expected)}]");
            reached = batch.Revision;
        }
    }

    private bool Fits(WriteOf write, EventOf change) =>
        write.Key == change.Key && (write.Expected is null || write.Expected == (change.Previous?.Mod ?? 0)) && _known[write.Start] < change.Revision;

    private static string Revisions(IEnumerable<EventOf> events) => string.Join(", ", events.Select(static change => change.Revision));

    private void Demand(bool holds, string violation)
    {
        if (!holds)
        {
            _violations.Add(violation);
        }
    }
}
