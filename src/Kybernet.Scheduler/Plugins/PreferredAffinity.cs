using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins;

/// <summary>What each place is worth to a pod, by the pods that are there.</summary>
internal sealed class PreferredAffinity
{
    private readonly Dictionary<(int Key, int Value), long> _sums;

    // The few labels that the places are values of: a node is looked up by each, however many places there are.
    private readonly List<int> _keys = [];

    public PreferredAffinity(Dictionary<(int Key, int Value), long> sums)
    {
        _sums = sums;
        foreach (var (key, _) in sums.Keys)
        {
            if (!_keys.Contains(key))
            {
                _keys.Add(key);
            }
        }
    }

    public long Score(NodeFacts node)
    {
        var score = 0L;
        foreach (var key in _keys)
        {
            score += _sums.GetValueOrDefault((key, node.LabelValue(key)));
        }
        return score;
    }
}
