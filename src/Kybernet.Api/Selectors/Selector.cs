using Kybernet.Api.Meta.V1;

namespace Kybernet.Api.Selectors;

/// <summary>A label selector: labels match where they satisfy every requirement. Immutable.</summary>
public sealed class Selector
{
    private readonly Requirement[] _requirements;
    private readonly bool _nothing;

    private Selector(Requirement[] requirements, bool nothing = false)
    {
        _requirements = requirements;
        _nothing = nothing;
    }

    /// <summary>Matches everything.</summary>
    public static Selector Everything { get; } = new([]);

    /// <summary>Matches nothing.</summary>
    public static Selector Nothing { get; } = new([], nothing: true);

    /// <summary>The requirements, by key.</summary>
    public IReadOnlyList<Requirement> Requirements => _requirements;

    /// <summary>Whether it matches everything.</summary>
    public bool IsEverything => _requirements.Length == 0 && !_nothing;

    /// <summary>Whether it matches nothing whatever the labels are.</summary>
    public bool IsNothing => _nothing;

    /// <summary>Reads the text of a query, such as <c>app=web,tier in (a,b),!old</c>. The empty text matches everything.</summary>
    /// <exception cref="SelectorException">The text is malformed.</exception>
    public static Selector Parse(string text) => text.Length == 0 ? Everything : Of(new SelectorParser(text).Parse());

    /// <summary>Some requirements.</summary>
    public static Selector Of(IEnumerable<Requirement> requirements) =>
        new([.. requirements.OrderBy(requirement => requirement.Key, StringComparer.Ordinal)]);

    /// <summary>The selector of a model: null matches nothing, an empty one everything.</summary>
    /// <exception cref="SelectorException">The model is malformed.</exception>
    public static Selector From(LabelSelector? model)
    {
        if (model is null)
        {
            return Nothing;
        }
        if (model.MatchLabels.Count == 0 && model.MatchExpressions.Count == 0)
        {
            return Everything;
        }
        var requirements = new List<Requirement>(model.MatchLabels.Count + model.MatchExpressions.Count);
        foreach (var (key, value) in model.MatchLabels)
        {
            requirements.Add(Requirement.Create(key, SelectorOperator.Equals, [value]));
        }
        foreach (var expression in model.MatchExpressions)
        {
            requirements.Add(Requirement.Create(expression.Key, OperatorOf(expression.Operator), expression.Values));
        }
        return Of(requirements);
    }

    /// <summary>Matches what has all of some labels; no labels match everything.</summary>
    public static Selector FromLabels(IReadOnlyDictionary<string, string> labels) =>
        labels.Count == 0 ? Everything : Of(labels.Select(label => Requirement.Create(label.Key, SelectorOperator.Equals, [label.Value])));

    /// <summary>Whether labels match.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        if (_nothing)
        {
            return false;
        }
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>This selector with more requirements.</summary>
    public Selector With(params IEnumerable<Requirement> requirements) => _nothing ? this : Of(_requirements.Concat(requirements));

    /// <summary>The canonical form, which parses back to the same selector; empty for one that matches everything or nothing.</summary>
    public override string ToString() => string.Join(",", _requirements.AsEnumerable());

    private static SelectorOperator OperatorOf(string name) => name switch
    {
        "In" => SelectorOperator.In,
        "NotIn" => SelectorOperator.NotIn,
        "Exists" => SelectorOperator.Exists,
        "DoesNotExist" => SelectorOperator.DoesNotExist,
        _ => throw new SelectorException($"\"{name}\" is not a valid label selector operator"),
    };
}
