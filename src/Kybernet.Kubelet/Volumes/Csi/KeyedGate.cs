namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>Lets one in at a time for each key.</summary>
internal sealed class KeyedGate
{
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);

    /// <summary>Waits for its turn, which lasts until what is returned is disposed of.</summary>
    public async Task<IDisposable> EnterAsync(string key, CancellationToken cancellationToken)
    {
        Place place;
        lock (_places)
        {
            place = _places.TryGetValue(key, out var known) ? known : _places[key] = new Place();
            place.Users++;
        }
        try
        {
            await place.Turn.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(key, place);
            throw;
        }
        return new Turn(this, key, place);
    }

    private void Leave(string key, Place place)
    {
        lock (_places)
        {
            if (--place.Users == 0)
            {
                _places.Remove(key);
                place.Turn.Dispose();
            }
        }
    }

    private sealed class Place
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public int Users { get; set; }
    }

    private sealed class Turn(KeyedGate gate, string key, Place place) : IDisposable
    {
        public void Dispose()
        {
            place.Turn.Release();
            gate.Leave(key, place);
        }
    }
}
