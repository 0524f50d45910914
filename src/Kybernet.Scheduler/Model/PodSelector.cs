using System.Text;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>
/// A label selector on pods, compiled. Two that say the same have the same <see cref="Text"/>, by which counts of the pods that match are shared.
/// Pods' labels stay strings: their vocabulary has no bound.
/// </summary>
internal sealed class PodSelector : IEquatable<PodSelector>
{
    private enum Operator : byte
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        Never,
    }

    private readonly record struct Requirement(string Key, Operator Operator, string[] Values);

    private readonly Requirement[] _requirements;

    private PodSelector(List<Requirement> requirements)
    {
        requirements.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        _requirements = [.. requirements];
        var text = new StringBuilder();
        foreach (var requirement in _requirements)
        {
            text.Append(requirement.Key).Append(' ').Append((int)requirement.Operator).Append('(').AppendJoin(',', requirement.Values).Append(')');
        }
        Text = text.ToString();
    }

    /// <summary>Selects everything.</summary>
    public static PodSelector Everything { get; } = new([]);

    /// <summary>What it says, in a form of its own: equal selectors have equal texts.</summary>
    public string Text { get; }

    /// <summary>Whether it selects everything.</summary>
    public bool IsEverything => _requirements.Length == 0;

    /// <summary>Compiles a selector; null selects nothing.</summary>
    public static PodSelector? Of(LabelSelector? selector) => selector is null ? null : new PodSelector(Compile(selector));

    /// <summary>Selects the pods that have all these labels.</summary>
    public static PodSelector OfLabels(IReadOnlyDictionary<string, string> labels) => Everything.And(labels);

    /// <summary>Selects what both select.</summary>
    public PodSelector And(IReadOnlyDictionary<string, string> labels)
    {
        var requirements = new List<Requirement>(_requirements);
        foreach (var (key, value) in labels)
        {
            requirements.Add(new Requirement(key, Operator.In, [value]));
        }
        return new PodSelector(requirements);
    }

    /// <summary>Selects what both select.</summary>
    public PodSelector And(PodSelector other) => new([.. _requirements, .. other._requirements]);

    /// <summary>Selects, of those, the pods whose label has not that value.</summary>
    public PodSelector AndNot(string key, string value) => new([.. _requirements, new Requirement(key, Operator.NotIn, [value])]);

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            var isThere = labels.TryGetValue(requirement.Key, out var value);
            var holds = requirement.Operator switch
            {
                Operator.In => isThere && Array.IndexOf(requirement.Values, value) >= 0,
                Operator.NotIn => !isThere || Array.IndexOf(requirement.Values, value) < 0,
                Operator.Exists => isThere,
                Operator.DoesNotExist => !isThere,
                _ => false,
            };
            if (!holds)
            {
                return false;
            }
        }
        return true;
    }

    public bool Equals(PodSelector? other) => other is not null && other.Text == Text;

    public override bool Equals(object? obj) => Equals(obj as PodSelector);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    private static List<Requirement> Compile(LabelSelector selector)
    {
        var requirements = new List<Requirement>(selector.MatchLabels.Count + selector.MatchExpressions.Count);
        foreach (var (key, value) in selector.MatchLabels)
        {
            requirements.Add(new Requirement(key, Operator.In, [value]));
        }
        foreach (var expression in selector.MatchExpressions)
        {
            var @operator = expression.Operator switch
            {
                "In" => Operator.In,
                "NotIn" => Operator.NotIn,
                "Exists" => Operator.Exists,
                "DoesNotExist" => Operator.DoesNotExist,
                _ => Operator.Never,
            };
            requirements.Add(new Requirement(expression.Key, @operator, [.. expression.Values]));
        }
        return requirements;
    }
}
