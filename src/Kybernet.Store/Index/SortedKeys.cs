namespace Kybernet.Store.Index;

/// <summary>Keys in ordinal order, in chunks small enough that inserting into one moves little memory. Not thread-safe.</summary>
internal sealed class SortedKeys
{
    private const int MaxChunk = 512;
    private readonly List<List<KeyHistory>> _chunks = [];

    /// <summary>Adds a key that is not in it.</summary>
    public void Add(KeyHistory history)
    {
        if (_chunks.Count == 0)
        {
            _chunks.Add([history]);
            return;
        }
        var position = Seek(history.Key, after: false);
        // Past the end of all chunks means at the end of the last.
        var number = Math.Min(position.Chunk, _chunks.Count - 1);
        var chunk = _chunks[number];
        chunk.Insert(position.Chunk == number ? position.Offset : chunk.Count, history);
        if (chunk.Count > MaxChunk)
        {
            // Keys made in order fill chunks to the brim when only the end is cut off.
            var keep = position.Chunk > number || position.Offset == chunk.Count - 1 ? MaxChunk : MaxChunk / 2;
            _chunks.Insert(number + 1, chunk.GetRange(keep, chunk.Count - keep));
            chunk.RemoveRange(keep, chunk.Count - keep);
        }
    }

    /// <summary>Takes out what matches.</summary>
    public void RemoveAll(Predicate<KeyHistory> match)
    {
        foreach (var chunk in _chunks)
        {
            chunk.RemoveAll(match);
        }
        _chunks.RemoveAll(chunk => chunk.Count == 0);
    }

    /// <summary>Where the first key is that is equal to or greater than <paramref name="key"/>, or, with <paramref name="after"/>, greater.</summary>
    public Position Seek(string key, bool after)
    {
        int low = 0, high = _chunks.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (IsBefore(_chunks[middle][^1].Key, key, after))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low == _chunks.Count ? new Position(low, 0) : new Position(low, Seek(_chunks[low], key, after));
    }

    /// <summary>The key at a position, which then moves on; null at the end.</summary>
    public KeyHistory? Next(ref Position position)
    {
        if (position.Chunk >= _chunks.Count)
        {
            return null;
        }
        var chunk = _chunks[position.Chunk];
        var history = chunk[position.Offset];
        position = position.Offset + 1 < chunk.Count ? position with { Offset = position.Offset + 1 } : new Position(position.Chunk + 1, 0);
        return history;
    }

    private static int Seek(List<KeyHistory> chunk, string key, bool after)
    {
        int low = 0, high = chunk.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (IsBefore(chunk[middle].Key, key, after))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    private static bool IsBefore(string candidate, string key, bool after)
    {
        var order = string.CompareOrdinal(candidate, key);
        return order < 0 || (after && order == 0);
    }

    /// <summary>A place between keys; any change of the keys makes it void.</summary>
    internal readonly record struct Position(int Chunk, int Offset);
}
