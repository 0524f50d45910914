namespace Kybernet.Store.Sqlite.Database;

/// <summary>Read-only connections, made when all are out and kept up to a bound. The writer never waits for one, nor they for it.</summary>
internal sealed class ReaderPool(string path, int maxIdle) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<Reader> _idle = new();
    private bool _closed;

    /// <exception cref="StoreUnavailableException">The store is closed, or the file cannot be opened.</exception>
    public Reader Rent()
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new StoreUnavailableException("the store is closed");
            }
            if (_idle.TryPop(out var reader))
            {
                return reader;
            }
        }
        try
        {
            return new Reader(path);
        }
        catch (SqliteFailure failure)
        {
            throw failure.ToUnavailable("cannot open the store for reading");
        }
    }

    public void Return(Reader reader)
    {
        lock (_gate)
        {
            if (!_closed && _idle.Count < maxIdle)
            {
                _idle.Push(reader);
                return;
            }
        }
        reader.Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            while (_idle.TryPop(out var reader))
            {
                reader.Dispose();
            }
        }
    }
}
