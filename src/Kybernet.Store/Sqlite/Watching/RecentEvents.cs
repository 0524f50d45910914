namespace Kybernet.Store.Sqlite.Watching;

/// <summary>
/// The newest events with their values, bounded in number and in bytes: what watchers that keep up read, and where the value that an
/// update replaces is usually found. Every revision is one event, so an event's place follows from its revision.
/// </summary>
internal sealed class RecentEvents(int maxEvents, long maxBytes)
{
    private const int EventOverheadBytes = 256;
    private readonly Lock _gate = new();
    private readonly StoreEvent?[] _ring = new StoreEvent?[maxEvents];
    private long _first = 1; // the revision of the oldest event; _last + 1 where there is none
    private long _last;
    private long _bytes;

    /// <summary>Says where the store is when it is opened: nothing is recent then.</summary>
    public void Reset(long revision)
    {
        lock (_gate)
        {
            _last = revision;
            _first = revision + 1;
        }
    }

    /// <summary>Adds the events of one commit, which follow the last one.</summary>
    public void Append(List<StoreEvent> events)
    {
        lock (_gate)
        {
            foreach (var added in events)
            {
                if (_last - _first + 1 == maxEvents)
                {
                    DropFirst();
                }
                _last = added.Revision;
                _ring[_last % maxEvents] = added;
                _bytes += SizeOf(added);
            }
            while (_bytes > maxBytes && _first <= _last)
            {
                DropFirst();
            }
        }
    }

    /// <summary>The value that a revision wrote, if it is still here.</summary>
    public KeyValue? ValueAt(long revision)
    {
        lock (_gate)
        {
            return revision >= _first && revision <= _last ? _ring[revision % maxEvents]!.Current : null;
        }
    }

    /// <summary>Reads the events of a prefix after one revision and up to another.</summary>
    /// <returns>False where some of them are not here any more; nothing is added then.</returns>
    public bool TryRead(long after, long through, string prefix, List<StoreEvent> events)
    {
        lock (_gate)
        {
            if (after + 1 < _first)
            {
                return false;
            }
            for (var revision = after + 1; revision <= through; revision++)
            {
                var candidate = _ring[revision % maxEvents]!;
                if (candidate.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    events.Add(candidate);
                }
            }
            return true;
        }
    }

    private void DropFirst()
    {
        ref var slot = ref _ring[_first % maxEvents];
        _bytes -= SizeOf(slot!);
        slot = null;
        _first++;
    }

    private static long SizeOf(StoreEvent of) => EventOverheadBytes + (of.Current?.Value.Length ?? 0) + (of.Previous?.Value.Length ?? 0);
}
