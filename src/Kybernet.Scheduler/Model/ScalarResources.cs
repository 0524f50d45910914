namespace Kybernet.Scheduler.Model;

/// <summary>Numbers the resources that are not built in, from zero, so that a node's amounts of them are an array. Safe to share.</summary>
internal sealed class ScalarResources
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    /// <summary>Whether the scheduler counts a resource of that name at all.</summary>
    public static bool IsScalar(string name) =>
        name.Contains('/') || name.StartsWith("hugepages-", StringComparison.Ordinal) || name.StartsWith("attachable-volumes-", StringComparison.Ordinal);

    public int IdOf(string name)
    {
        lock (_lock)
        {
            if (!_ids.TryGetValue(name, out var id))
            {
                id = _names.Count;
                _ids[name] = id;
                _names.Add(name);
            }
            return id;
        }
    }

    public string NameOf(int id)
    {
        lock (_lock)
        {
            return _names[id];
        }
    }
}
