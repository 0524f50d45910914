using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>One requirement on a node's labels or name, compiled to numbers.</summary>
internal readonly struct NodeRequirement
{
    private enum Operator : byte
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        Gt,
        Lt,
        Never,
    }

    private readonly Operator _operator;
    private readonly bool _onName;
    private readonly int _key;
    private readonly int[] _values;
    private readonly long _bound;

    private NodeRequirement(Operator @operator, bool onName, int key, int[] values, long bound)
    {
        _operator = @operator;
        _onName = onName;
        _key = key;
        _values = values;
        _bound = bound;
    }

    public static NodeRequirement Equal(string key, string value, Interner interner) =>
        new(Operator.In, false, interner.Intern(key), [interner.Intern(value)], 0);

    public static NodeRequirement OnLabel(NodeSelectorRequirement requirement, Interner interner)
    {
        var bound = 0L;
        var @operator = requirement.Operator switch
        {
            "In" => requirement.Values.Count > 0 ? Operator.In : Operator.Never,
            "NotIn" => requirement.Values.Count > 0 ? Operator.NotIn : Operator.Never,
            "Exists" => Operator.Exists,
            "DoesNotExist" => Operator.DoesNotExist,
            "Gt" => IsNumber(requirement, out bound) ? Operator.Gt : Operator.Never,
            "Lt" => IsNumber(requirement, out bound) ? Operator.Lt : Operator.Never,
            _ => Operator.Never,
        };
        return new NodeRequirement(@operator, false, interner.Intern(requirement.Key), Intern(requirement.Values, interner), bound);
    }

    /// <summary>Of fields, only <c>metadata.name</c> can be asked for, and only one value at a time.</summary>
    public static NodeRequirement OnField(NodeSelectorRequirement requirement, Interner interner)
    {
        var known = requirement is { Key: "metadata.name", Values.Count: 1 };
        var @operator = requirement.Operator switch
        {
            "In" when known => Operator.In,
            "NotIn" when known => Operator.NotIn,
            _ => Operator.Never,
        };
        return new NodeRequirement(@operator, true, Interner.Empty, Intern(requirement.Values, interner), 0);
    }

    public bool Matches(NodeFacts node, Interner interner)
    {
        var value = _onName ? node.NameId : node.LabelValue(_key);
        return _operator switch
        {
            Operator.In => value >= 0 && _values.AsSpan().Contains(value),
            Operator.NotIn => value < 0 || !_values.AsSpan().Contains(value),
            Operator.Exists => value >= 0,
            Operator.DoesNotExist => value < 0,
            Operator.Gt => value >= 0 && IsNumber(interner.Text(value), out var number) && number > _bound,
            Operator.Lt => value >= 0 && IsNumber(interner.Text(value), out var number) && number < _bound,
            _ => false,
        };
    }

    private static bool IsNumber(NodeSelectorRequirement requirement, out long number)
    {
        number = 0;
        return requirement.Values.Count == 1 && IsNumber(requirement.Values[0], out number);
    }

    private static bool IsNumber(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static int[] Intern(IReadOnlyList<string> values, Interner interner)
    {
        var ids = new int[values.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = interner.Intern(values[i]);
        }
        return ids;
    }
}
