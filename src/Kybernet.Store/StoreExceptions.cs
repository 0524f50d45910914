namespace Kybernet.Store;

/// <summary>Something that a store could not do. Each case has its own type below.</summary>
public abstract class StoreException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Thrown when a read, watch or compaction names a revision that was compacted away. The reader lists again.</summary>
public sealed class CompactedException(long requested, long compacted)
    : StoreException($"revision {requested} has been compacted; the oldest that is kept is {compacted}")
{
    /// <summary>The oldest revision that can still be read.</summary>
    public long CompactedRevision { get; } = compacted;
}

/// <summary>Thrown when a read names a revision that the store has not reached.</summary>
public sealed class FutureRevisionException(long requested, long current)
    : StoreException($"revision {requested} is in the future; the store is at {current}")
{
    /// <summary>The revision that the store is at.</summary>
    public long CurrentRevision { get; } = current;
}

/// <summary>Thrown when the store cannot be reached or cannot write: a full or failing disk, a lost connection, a closed store.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>Thrown when a data directory is opened that another process (or another store of this process) has open.</summary>
public sealed class StoreInUseException(string dataDirectory, Exception? inner = null)
    : StoreException($"the data directory {dataDirectory} is in use by another process", inner)
{
    /// <summary>The directory that is taken.</summary>
    public string DataDirectory { get; } = dataDirectory;
}

/// <summary>Thrown when what is to be opened is not a store, is damaged, or was written by a newer version of the program.</summary>
public sealed class StoreFormatException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>Thrown when a write names a lease that was never granted, or has ended. Nothing was changed.</summary>
public sealed class LeaseNotFoundException(long lease) : StoreException($"lease {lease} does not exist")
{
    /// <summary>The lease that was named.</summary>
    public long Lease { get; } = lease;
}

/// <summary>
/// Thrown when a write was sent and no answer came: it may have happened, or may still happen, or not. Whoever wants to know reads the key;
/// nobody may simply write again what has no expected revision.
/// </summary>
public sealed class UncertainWriteException(string message, Exception? inner = null) : StoreException(message, inner);
