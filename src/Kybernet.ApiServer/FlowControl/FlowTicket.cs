namespace Kybernet.ApiServer.FlowControl;

/// <summary>What flow control decided of a request. To be disposed of when the request is answered: its seats are another's then.</summary>
/// <param name="schemaUid">The flow schema that the request matched; empty where no schemas are used.</param>
/// <param name="levelUid">The priority level that it belongs to.</param>
/// <param name="release">Gives its seats back; null where it holds none.</param>
internal sealed class FlowTicket(string schemaUid, string levelUid, Action? release) : IDisposable
{
    private Action? _release = release;

    /// <summary>A request that is not held up by anything.</summary>
    public static FlowTicket Free { get; } = new("", "", null);

    /// <summary>The flow schema that the request matched, told to the client; empty for none.</summary>
    public string SchemaUid => schemaUid;

    /// <summary>The priority level that it belongs to, told to the client; empty for none.</summary>
    public string LevelUid => levelUid;

    /// <summary>Whether the request is turned away.</summary>
    public bool IsRefused { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
