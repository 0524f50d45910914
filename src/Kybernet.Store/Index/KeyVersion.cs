namespace Kybernet.Store.Index;

/// <summary>What the index knows of a key at one revision; the value is on disk.</summary>
/// <param name="ModRevision">The revision that made this version.</param>
/// <param name="CreateRevision">The revision that made the key; 0 for a deletion.</param>
/// <param name="Version">How many writes since the key was made; 0 for a deletion.</param>
/// <param name="Lease">The lease that the key dies with; 0 for none.</param>
internal readonly record struct KeyVersion(long ModRevision, long CreateRevision, long Version, long Lease)
{
    public bool IsDeletion => Version == 0;

    public KeyValue With(string key, ReadOnlyMemory<byte> value) => new(key, value, CreateRevision, ModRevision, Version, Lease);
}
