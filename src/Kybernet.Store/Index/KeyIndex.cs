namespace Kybernet.Store.Index;

/// <summary>
/// Which revisions every key has, in memory, so that a precondition or a list costs no query; values stay on disk.
/// It holds committed state only: the writer brings it forward, one commit at a time, after the commit is durable.
/// Safe for any number of readers beside the one writer; its lock is never held over I/O.
/// </summary>
internal sealed class KeyIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeyHistory> _byKey = new(StringComparer.Ordinal);
    private readonly SortedKeys _sorted = new();
    private long _revision = 1;
    private long _compacted;

    /// <summary>The newest durable revision.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>The revision that was compacted up to; 0 where none was.</summary>
    public long Compacted => Volatile.Read(ref _compacted);

    /// <summary>Takes a change that is on disk already. Changes come in order of revision.</summary>
    public void Load(string key, KeyVersion version)
    {
        lock (_gate)
        {
            Append(key, version);
        }
    }

    /// <summary>Ends loading: the store is at least at the revision it was compacted to, even where nothing of that is left.</summary>
    public void Loaded(long compacted)
    {
        Volatile.Write(ref _compacted, compacted);
        Volatile.Write(ref _revision, Math.Max(_revision, compacted));
    }

    /// <summary>Takes the events of one commit, all at once for readers.</summary>
    public void Apply(List<StoreEvent> events)
    {
        lock (_gate)
        {
            foreach (var change in events)
            {
                Append(change.Key, change.Current is { } now
                    ? new KeyVersion(now.ModRevision, now.CreateRevision, now.Version, now.Lease)
                    : new KeyVersion(change.Revision, 0, 0, 0));
            }
        }
    }

    /// <summary>The newest version of a key; null where it does not exist.</summary>
    public KeyVersion? Newest(string key)
    {
        lock (_gate)
        {
            return _byKey.TryGetValue(key, out var history) ? history.Newest : null;
        }
    }

    /// <summary>The version of a key at a revision; null where it did not exist.</summary>
    public KeyVersion? At(string key, long revision)
    {
        lock (_gate)
        {
            CheckReadable(revision);
            return _byKey.TryGetValue(key, out var history) ? history.At(revision) : null;
        }
    }

    /// <summary>The version that a change replaced. Unlike <see cref="At"/>, asks nothing of the revision.</summary>
    public KeyVersion? Before(string key, long revision)
    {
        lock (_gate)
        {
            return _byKey.TryGetValue(key, out var history) ? history.At(revision - 1) : null;
        }
    }

    /// <summary>The keys of a range with their versions, as far as the limit, and how many there are in all.</summary>
    public IndexRange Range(RangeRequest request)
    {
        var items = new List<KeyValuePair<string, KeyVersion>>();
        long count = 0;
        lock (_gate)
        {
            var revision = request.Revision == 0 ? _revision : request.Revision;
            CheckReadable(revision);
            var position = request.After is { } after && string.CompareOrdinal(after, request.Prefix) >= 0
                ? _sorted.Seek(after, after: true)
                : _sorted.Seek(request.Prefix, after: false);
            while (_sorted.Next(ref position) is { } history && history.Key.StartsWith(request.Prefix, StringComparison.Ordinal))
            {
                if (history.At(revision) is not { } version)
                {
                    continue;
                }
                count++;
                if (!request.CountOnly && (request.Limit == 0 || items.Count < request.Limit))
                {
                    items.Add(new(history.Key, version));
                }
            }
            return new IndexRange(items, revision, count);
        }
    }

    /// <summary>Forgets what nobody can read from a revision on.</summary>
    /// <returns>The revisions whose rows can go.</returns>
    public List<long> Compact(long revision)
    {
        var forgotten = new List<long>();
        lock (_gate)
        {
            Volatile.Write(ref _compacted, revision);
            var emptied = false;
            foreach (var (_, history) in _byKey)
            {
                history.Compact(revision, forgotten);
                emptied |= history.IsEmpty;
            }
            if (emptied)
            {
                _sorted.RemoveAll(history => history.IsEmpty && _byKey.Remove(history.Key));
            }
        }
        forgotten.Sort(); // neighbours on disk go together
        return forgotten;
    }

    private void Append(string key, KeyVersion version)
    {
        if (!_byKey.TryGetValue(key, out var history))
        {
            history = new KeyHistory(key);
            _byKey.Add(key, history);
            _sorted.Add(history);
        }
        history.Append(version);
        Volatile.Write(ref _revision, version.ModRevision);
    }

    private void CheckReadable(long revision)
    {
        if (revision < _compacted)
        {
            throw new CompactedException(revision, _compacted);
        }
        if (revision > _revision)
        {
            throw new FutureRevisionException(revision, _revision);
        }
    }
}

/// <summary>A range of the index at one revision.</summary>
internal readonly record struct IndexRange(List<KeyValuePair<string, KeyVersion>> Items, long Revision, long Count);
