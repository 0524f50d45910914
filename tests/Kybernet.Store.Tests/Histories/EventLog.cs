namespace Kybernet.Store.Tests.Histories;

/// <summary>What happened, in order: the union of what all watchers were told. From it follows what each key was at each revision.</summary>
internal sealed class EventLog
{
    private readonly SortedDictionary<long, EventOf> _events = [];
    private readonly Dictionary<string, List<(long Revision, KeyState? State)>> _states = new(StringComparer.Ordinal);

    private EventLog()
    {
    }

    public IReadOnlyDictionary<long, EventOf> Events => _events;

    public long Newest { get; private set; } = 1;

    /// <summary>Puts the log together; what is wrong with it is added to <paramref name="violations"/>.</summary>
    public static EventLog Of(History history, List<string> violations)
    {
        var log = new EventLog();
        foreach (var told in history.Watches.SelectMany(static watch => watch.Batches).SelectMany(static batch => batch.Events))
        {
            if (log._events.TryGetValue(told.Revision, out var known) && known != told)
            {
                violations.Add($"one watcher was told of {known}, another of {told}");
            }
            log._events[told.Revision] = told;
        }
        foreach (var (revision, change) in log._events)
        {
            log.Append(revision, change, violations);
        }
        return log;
    }

    /// <summary>What a key was at a revision.</summary>
    public KeyState? At(string key, long revision)
    {
        var states = _states.GetValueOrDefault(key, []);
        var count = CountThrough(states, revision);
        return count == 0 ? null : states[count - 1].State;
    }

    /// <summary>Whether a key was in some state at any revision of a span.</summary>
    public bool WasWithin(string key, KeyState? state, long first, long last)
    {
        var states = _states.GetValueOrDefault(key, []);
        return At(key, first) == state || states[CountThrough(states, first)..CountThrough(states, last)].Exists(change => change.State == state);
    }

    /// <summary>The events of a prefix after one revision and through another.</summary>
    public List<EventOf> Between(string prefix, long after, long through)
    {
        var events = new List<EventOf>();
        for (var revision = after + 1; revision <= through; revision++)
        {
            if (_events.TryGetValue(revision, out var change) && change.Key.StartsWith(prefix, StringComparison.Ordinal))
            {
                events.Add(change);
            }
        }
        return events;
    }

    /// <summary>What a prefix held at a revision.</summary>
    public Dictionary<string, KeyState> Range(string prefix, long revision)
    {
        var items = new Dictionary<string, KeyState>(StringComparer.Ordinal);
        foreach (var key in _states.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (At(key, revision) is { } state)
            {
                items[key] = state;
            }
        }
        return items;
    }

    private void Append(long revision, EventOf change, List<string> violations)
    {
        if (revision != Newest + 1)
        {
            violations.Add($"after revision {Newest} there is revision {revision}");
        }
        var previous = At(change.Key, revision - 1);
        if (change.Previous != previous)
        {
            violations.Add($"{change} should have the previous state {previous}");
        }
        if (change.Current is { } current
            && (current.Mod != revision || current.Create != (previous?.Create ?? revision) || current.Version != (previous?.Version ?? 0) + 1 || current.Token == "torn"))
        {
            violations.Add($"{change} does not follow from {previous}");
        }
        if (change.Current is null && previous is null)
        {
            violations.Add($"{change} deletes what is not there");
        }
        Newest = revision;
        if (!_states.TryGetValue(change.Key, out var states))
        {
            _states[change.Key] = states = [];
        }
        states.Add((revision, change.Current));
    }

    /// <summary>How many changes of a key there were until a revision.</summary>
    private static int CountThrough(List<(long Revision, KeyState? State)> states, long revision)
    {
        var (low, high) = (0, states.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = states[middle].Revision <= revision ? (middle + 1, high) : (low, middle);
        }
        return low;
    }
}
