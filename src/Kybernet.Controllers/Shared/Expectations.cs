using Kybernet.Api;

namespace Kybernet.Controllers;

/// <summary>
/// What a controller has done that its cache does not show yet, for each key: so many creations, and deletions by uid. Until all of it has been seen
/// (or five minutes have gone by, for an event may be lost), the cache must not be counted on.
/// </summary>
internal sealed class Expectations(TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);
    private readonly Dictionary<NamespacedName, Expected> _expected = [];
    private readonly Lock _gate = new();

    /// <summary>Whether all that was expected has been seen.</summary>
    public bool Satisfied(NamespacedName key)
    {
        lock (_gate)
        {
            return !_expected.TryGetValue(key, out var expected)
                || (expected.Creations <= 0 && expected.Deletions.Count == 0)
                || time.GetElapsedTime(expected.Since) > Timeout;
        }
    }

    /// <summary>So many objects are about to be made.</summary>
    public void ExpectCreations(NamespacedName key, int count) => Expect(key, count, []);

    /// <summary>The objects of these uids are about to be deleted.</summary>
    public void ExpectDeletions(NamespacedName key, IEnumerable<string> uids) => Expect(key, 0, uids);

    /// <summary>So many objects are about to be made, and those of these uids deleted.</summary>
    public void Expect(NamespacedName key, int creations, IEnumerable<string> deletions)
    {
        lock (_gate)
        {
            var expected = new Expected(time.GetTimestamp()) { Creations = creations };
            expected.Deletions.UnionWith(deletions);
            _expected[key] = expected;
        }
    }

    /// <summary>An object was seen that was made, or could not be made.</summary>
    public void CreationObserved(NamespacedName key)
    {
        lock (_gate)
        {
            if (_expected.TryGetValue(key, out var expected))
            {
                expected.Creations--;
            }
        }
    }

    /// <summary>The object of a uid was seen to go, or could not be deleted.</summary>
    public void DeletionObserved(NamespacedName key, string uid)
    {
        lock (_gate)
        {
            if (_expected.TryGetValue(key, out var expected))
            {
                expected.Deletions.Remove(uid);
            }
        }
    }

    /// <summary>The key is gone.</summary>
    public void Forget(NamespacedName key)
    {
        lock (_gate)
        {
            _expected.Remove(key);
        }
    }

    private sealed class Expected(long since)
    {
        public long Since { get; } = since;

        public int Creations { get; set; }

        public HashSet<string> Deletions { get; } = new(StringComparer.Ordinal);
    }
}
