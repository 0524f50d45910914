using System.Globalization;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Selectors;

/// <summary>How a requirement relates a label to its values.</summary>
public enum SelectorOperator
{
    /// <summary>The label has the value: <c>=</c>.</summary>
    Equals,

    /// <summary>The label has the value: <c>==</c>.</summary>
    DoubleEquals,

    /// <summary>The label is absent or has another value: <c>!=</c>.</summary>
    NotEquals,

    /// <summary>The label has one of the values.</summary>
    In,

    /// <summary>The label is absent or has none of the values.</summary>
    NotIn,

    /// <summary>The label is there.</summary>
    Exists,

    /// <summary>The label is absent.</summary>
    DoesNotExist,

    /// <summary>The label's value, an integer, is greater.</summary>
    GreaterThan,

    /// <summary>The label's value, an integer, is less.</summary>
    LessThan,
}

/// <summary>One requirement of a label selector. Immutable.</summary>
public sealed class Requirement
{
    private readonly string[] _values;
    private readonly long _bound;

    private Requirement(string key, SelectorOperator @operator, string[] values)
    {
        Key = key;
        Operator = @operator;
        _values = values;
        _bound = IsComparison(@operator) ? long.Parse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>The label.</summary>
    public string Key { get; }

    /// <summary>How the label and the values are related.</summary>
    public SelectorOperator Operator { get; }

    /// <summary>The values; none for those operators that take none.</summary>
    public IReadOnlyList<string> Values => _values;

    /// <summary>Makes a requirement.</summary>
    /// <exception cref="SelectorException">The key, the values or their number do not fit.</exception>
    public static Requirement Create(string key, SelectorOperator @operator, IEnumerable<string> values)
    {
        string[] list = [.. values];
        var errors = new List<string>();
        if (Names.QualifiedName(key) is { Count: > 0 } keyErrors)
        {
            errors.Add($"key: Invalid value: \"{key}\": {string.Join("; ", keyErrors)}");
        }
        CheckValues(@operator, list, errors);
        for (var i = 0; i < list.Length; i++)
        {
            if (Names.LabelValue(list[i]) is { Count: > 0 } valueErrors)
            {
                errors.Add($"values[{i}][{key}]: Invalid value: \"{list[i]}\": {string.Join("; ", valueErrors)}");
            }
        }
        return errors.Count switch
        {
            0 => new Requirement(key, @operator, list),
            1 => throw new SelectorException(errors[0]),
            _ => throw new SelectorException($"[{string.Join(", ", errors)}]"),
        };
    }

    /// <summary>Whether labels satisfy it.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var exists = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            SelectorOperator.Exists => exists,
            SelectorOperator.DoesNotExist => !exists,
            SelectorOperator.NotEquals or SelectorOperator.NotIn => !exists || Array.IndexOf(_values, value) < 0,
            SelectorOperator.GreaterThan => exists && TryNumber(value, out var number) && number > _bound,
            SelectorOperator.LessThan => exists && TryNumber(value, out var number) && number < _bound,
            _ => exists && Array.IndexOf(_values, value) >= 0,
        };
    }

    /// <summary>The canonical form, values in order.</summary>
    public override string ToString()
    {
        var values = _values.Length == 1 ? _values[0] : string.Join(",", _values.Order(StringComparer.Ordinal));
        return Operator switch
        {
            SelectorOperator.Equals => $"{Key}={values}",
            SelectorOperator.DoubleEquals => $"{Key}=={values}",
            SelectorOperator.NotEquals => $"{Key}!={values}",
            SelectorOperator.In => $"{Key} in ({values})",
            SelectorOperator.NotIn => $"{Key} notin ({values})",
            SelectorOperator.GreaterThan => $"{Key}>{values}",
            SelectorOperator.LessThan => $"{Key}<{values}",
            SelectorOperator.DoesNotExist => "!" + Key,
            _ => Key,
        };
    }

    private static bool IsComparison(SelectorOperator @operator) => @operator is SelectorOperator.GreaterThan or SelectorOperator.LessThan;

    private static bool TryNumber(string? text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static void CheckValues(SelectorOperator @operator, string[] values, List<string> errors)
    {
        var wrong = @operator switch
        {
            SelectorOperator.In or SelectorOperator.NotIn when values.Length == 0 => "for 'in', 'notin' operators, values set can't be empty",
            SelectorOperator.Equals or SelectorOperator.DoubleEquals or SelectorOperator.NotEquals when values.Length != 1 =>
                "exact-match compatibility requires one single value",
            SelectorOperator.Exists or SelectorOperator.DoesNotExist when values.Length != 0 =>
                "values set must be empty for exists and does not exist",
            _ when IsComparison(@operator) && values.Length != 1 => "for 'Gt', 'Lt' operators, exactly one value is required",
            _ => null,
        };
        if (wrong is not null)
        {
            errors.Add($"values: Invalid value: [{string.Join(",", values.Select(value => $"\"{value}\""))}]: {wrong}");
        }
        for (var i = 0; IsComparison(@operator) && i < values.Length; i++)
        {
            if (!TryNumber(values[i], out _))
            {
                errors.Add($"values[{i}]: Invalid value: \"{values[i]}\": for 'Gt', 'Lt' operators, the value must be an integer");
            }
        }
    }
}
