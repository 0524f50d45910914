using Kybernet.Store.Memory;

namespace Kybernet.Testing;

/// <summary>
/// The store of a cluster in the moment after its API server has made what every cluster has. The first cluster of a process makes it; the others, where
/// they are no different, begin with a copy, which takes a tenth of the time.
/// </summary>
internal static class BootstrappedStore
{
    // Written once; never changed after that, for nobody else has it.
    private static MemoryStore? _template;

    /// <summary>A store to start a server on, and whether it has what every cluster has.</summary>
    public static (MemoryStore Store, bool IsBootstrapped) Create(TestClusterOptions options) =>
        IsUsual(options) && Volatile.Read(ref _template) is { } template ? (template.Copy(options.Clock), true) : (new MemoryStore(options.Clock), false);

    /// <summary>Remembers what a server has made.</summary>
    public static void Keep(TestClusterOptions options, MemoryStore store)
    {
        if (IsUsual(options) && Volatile.Read(ref _template) is null)
        {
            Interlocked.CompareExchange(ref _template, store.Copy(options.Clock), null);
        }
    }

    // With a clock of its own, a cluster's objects were made at another time.
    private static bool IsUsual(TestClusterOptions options) => options.ConfigureApiServer is null && ReferenceEquals(options.Clock, TimeProvider.System);
}
