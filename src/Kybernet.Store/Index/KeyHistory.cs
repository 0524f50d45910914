namespace Kybernet.Store.Index;

/// <summary>The versions of one key that were not compacted away, in order of revision.</summary>
internal sealed class KeyHistory(string key)
{
    private List<KeyVersion>? _older;
    private KeyVersion _newest;

    public string Key { get; } = key;

    /// <summary>Whether nothing is left of the key.</summary>
    public bool IsEmpty => _newest.ModRevision == 0;

    /// <summary>The newest version; null where the key does not exist now.</summary>
    public KeyVersion? Newest => _newest.IsDeletion ? null : _newest;

    public void Append(KeyVersion version)
    {
        if (!IsEmpty)
        {
            (_older ??= new List<KeyVersion>(1)).Add(_newest);
        }
        _newest = version;
    }

    /// <summary>The version that was current at a revision; null where the key did not exist then.</summary>
    public KeyVersion? At(long revision)
    {
        if (_newest.ModRevision <= revision)
        {
            return Newest;
        }
        for (var i = (_older?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (_older![i].ModRevision <= revision)
            {
                return _older[i].IsDeletion ? null : _older[i];
            }
        }
        return null;
    }

    /// <summary>Forgets what nobody can read any more from <paramref name="revision"/> on, and says which revisions those were.</summary>
    public void Compact(long revision, List<long> forgotten)
    {
        if (_newest.ModRevision <= revision)
        {
            foreach (var version in _older ?? [])
            {
                forgotten.Add(version.ModRevision);
            }
            _older = null;
            if (_newest.IsDeletion && !IsEmpty)
            {
                forgotten.Add(_newest.ModRevision);
                _newest = default;
            }
            return;
        }
        if (_older is null)
        {
            return;
        }
        var gone = _older.FindLastIndex(version => version.ModRevision <= revision);
        if (gone >= 0 && _older[gone].IsDeletion)
        {
            gone++;
        }
        for (var i = 0; i < gone; i++)
        {
            forgotten.Add(_older[i].ModRevision);
        }
        if (gone > 0)
        {
            _older.RemoveRange(0, gone);
            _older = _older.Count == 0 ? null : _older;
        }
    }
}
