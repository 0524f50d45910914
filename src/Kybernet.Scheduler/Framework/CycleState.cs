namespace Kybernet.Scheduler.Framework;

/// <summary>What a plugin keeps of one pod from one extension point to the next is found by such a key, without a search or a cast that can fail.</summary>
/// <typeparam name="T">What is kept.</typeparam>
public readonly struct StateKey<T>
    where T : class
{
    internal StateKey(int index) => Index = index;

    internal int Index { get; }
}

/// <summary>What plugin state has to implement if adding or removing pods changes it: preemption tries such changes on a copy.</summary>
public interface ICopiedState
{
    /// <summary>A copy that can be changed without changing this.</summary>
    object Copy();
}

/// <summary>What plugins know of one pod during its scheduling and binding.</summary>
public sealed class CycleState
{
    private readonly object?[] _values;

    internal CycleState(int slots) => _values = new object?[slots];

    /// <summary>The filters that said in PreFilter that they have nothing to say, by their place in the profile.</summary>
    internal ulong SkippedFilters { get; set; }

    /// <summary>The scorers that said in PreScore that they have nothing to say, by their place in the profile.</summary>
    internal ulong SkippedScores { get; set; }

    /// <summary>What was kept; null where nothing was.</summary>
    public T? Find<T>(StateKey<T> key)
        where T : class => (T?)_values[key.Index];

    /// <summary>What was kept.</summary>
    /// <exception cref="InvalidOperationException">Nothing was.</exception>
    public T Get<T>(StateKey<T> key)
        where T : class => Find(key) ?? throw new InvalidOperationException($"no {typeof(T).Name} in the cycle's state");

    /// <summary>Keeps something.</summary>
    public void Set<T>(StateKey<T> key, T value)
        where T : class => _values[key.Index] = value;

    /// <summary>A copy, on which preemption tries what would be if pods were gone.</summary>
    internal CycleState Copy()
    {
        var copy = new CycleState(_values.Length) { SkippedFilters = SkippedFilters, SkippedScores = SkippedScores };
        for (var i = 0; i < _values.Length; i++)
        {
            copy._values[i] = _values[i] is ICopiedState state ? state.Copy() : _values[i];
        }
        return copy;
    }
}
