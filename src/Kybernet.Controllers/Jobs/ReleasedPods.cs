using Kybernet.Api;

namespace Kybernet.Controllers.Jobs;

/// <summary>
/// The pods of each Job that it has let go of: they are counted, but the cache may show their finalizer still, and who believed it would count them again.
/// </summary>
internal sealed class ReleasedPods
{
    private readonly Dictionary<NamespacedName, HashSet<string>> _released = [];
    private readonly Lock _gate = new();

    public HashSet<string> Of(NamespacedName job)
    {
        lock (_gate)
        {
            return _released.TryGetValue(job, out var uids) ? new HashSet<string>(uids, StringComparer.Ordinal) : [];
        }
    }

    /// <summary>The finalizer of a pod is about to be removed.</summary>
    public void Add(NamespacedName job, string uid)
    {
        lock (_gate)
        {
            if (!_released.TryGetValue(job, out var uids))
            {
                _released[job] = uids = new HashSet<string>(StringComparer.Ordinal);
            }
            uids.Add(uid);
        }
    }

    /// <summary>The cache shows that the finalizer is gone, or it could not be removed.</summary>
    public void Remove(NamespacedName job, string uid)
    {
        lock (_gate)
        {
            if (_released.TryGetValue(job, out var uids) && uids.Remove(uid) && uids.Count == 0)
            {
                _released.Remove(job);
            }
        }
    }

    public void Forget(NamespacedName job)
    {
        lock (_gate)
        {
            _released.Remove(job);
        }
    }
}
