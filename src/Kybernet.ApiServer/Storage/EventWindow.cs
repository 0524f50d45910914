namespace Kybernet.ApiServer.Storage;

/// <summary>The newest events of a resource, in order: what a watch that begins a little in the past is served from. Not safe for concurrent use.</summary>
internal sealed class EventWindow(int capacity)
{
    // Grows up to the capacity: most resources never see that many events.
    private CacheEvent[] _ring = new CacheEvent[Math.Min(64, capacity)];
    private int _start;
    private int _count;

    /// <summary>The revision from which on every event is here; a watch from an earlier one has to list again.</summary>
    public long CompleteAfter { get; private set; }

    /// <summary>Begins anew at a revision.</summary>
    public void Reset(long revision)
    {
        Array.Clear(_ring);
        _start = 0;
        _count = 0;
        CompleteAfter = revision;
    }

    /// <summary>Appends an event; the oldest goes where there is no room.</summary>
    public void Add(CacheEvent item)
    {
        if (_count == _ring.Length && _ring.Length < capacity)
        {
            Grow();
        }
        if (_count == _ring.Length)
        {
            CompleteAfter = _ring[_start].Revision;
            _ring[_start] = item;
            _start = (_start + 1) % _ring.Length;
            return;
        }
        _ring[(_start + _count) % _ring.Length] = item;
        _count++;
    }

    /// <summary>The events after a revision that is not before <see cref="CompleteAfter"/>, oldest first.</summary>
    public IEnumerable<CacheEvent> After(long revision)
    {
        var low = 0;
        var high = _count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ring[(_start + middle) % _ring.Length].Revision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        for (var i = low; i < _count; i++)
        {
            yield return _ring[(_start + i) % _ring.Length];
        }
    }

    private void Grow()
    {
        var larger = new CacheEvent[Math.Min(_ring.Length * 2, capacity)];
        for (var i = 0; i < _count; i++)
        {
            larger[i] = _ring[(_start + i) % _ring.Length];
        }
        _ring = larger;
        _start = 0;
    }
}
