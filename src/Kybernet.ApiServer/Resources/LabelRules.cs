using System.Text;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources;

/// <summary>The forms of label keys and values, and what selectors over them may say.</summary>
internal static class LabelRules
{
    private const string NameForm =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string QualifiedForm =
        "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an " +
        "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";

    private const string ValueForm =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
        "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// <summary>A name with an optional DNS prefix: the form of label keys, finalizers, conditions, extended resources.</summary>
    public static IReadOnlyList<string> QualifiedName(string value)
    {
        var slash = value.IndexOf('/');
        if (slash >= 0 && value.IndexOf('/', slash + 1) >= 0)
        {
            return [QualifiedForm];
        }
        var name = value.AsSpan(slash + 1);
        var prefix = slash < 0 ? "" : value[..slash];
        var isPrefixRight = slash < 0 || (prefix.Length is > 0 and <= 253 && NameRules.IsSubdomain(prefix, underscores: false));
        if (isPrefixRight && name.Length <= 63 && IsLabelText(name))
        {
            return [];
        }
        var problems = new List<string>(2);
        if (slash == 0)
        {
            problems.Add("prefix part must be non-empty");
        }
        else if (slash > 0)
        {
            foreach (var problem in NameRules.Subdomain(prefix))
            {
                problems.Add("prefix part " + problem);
            }
        }
        if (name.IsEmpty)
        {
            problems.Add("name part must be non-empty");
        }
        else if (name.Length > 63)
        {
            problems.Add("name part " + NameRules.TooLong(63));
        }
        if (!IsLabelText(name))
        {
            problems.Add(NameForm);
        }
        return problems;
    }

    /// <summary>A label's value: empty, or up to 63 characters.</summary>
    public static IReadOnlyList<string> Value(string value) => NameRules.Check(value, 63, value.Length == 0 || IsLabelText(value), ValueForm);

    /// <summary>Says what is wrong with a label's key.</summary>
    public static void ValidateKey(string key, FieldPath path, FieldErrors errors) => errors.Invalid(path, key, QualifiedName(key));

    /// <summary>Says what is wrong with a map of labels.</summary>
    public static void ValidateLabels(IReadOnlyDictionary<string, string> labels, FieldPath path, FieldErrors errors)
    {
        if (labels.Count == 0)
        {
            return;
        }
        foreach (var (key, value) in labels)
        {
            ValidateKey(key, path, errors);
            errors.Invalid(path, value, Value(value));
        }
    }

    /// <summary>Says what is wrong with a map of annotations: their keys, and their size together.</summary>
    public static void ValidateAnnotations(IReadOnlyDictionary<string, string> annotations, FieldPath path, FieldErrors errors)
    {
        const int MaxBytes = 256 * 1024;
        if (annotations.Count == 0)
        {
            return;
        }
        long total = 0;
        foreach (var (key, value) in annotations)
        {
            if (QualifiedName(key).Count > 0)
            {
                // Upper case in an annotation's prefix has always been let pass.
                errors.Invalid(path, key, QualifiedName(key.ToLowerInvariant()));
            }
            total += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }
        if (total > MaxBytes)
        {
            errors.TooLong(path, MaxBytes);
        }
    }

    /// <summary>Says what is wrong with a label selector; an absent one is right.</summary>
    public static void ValidateSelector(LabelSelector? selector, FieldPath path, FieldErrors errors, bool allowInvalidValues = false)
    {
        if (selector is null)
        {
            return;
        }
        if (selector.MatchLabels.Count > 0)
        {
            ValidateLabels(selector.MatchLabels, path.Child("matchLabels"), errors);
        }
        for (var i = 0; i < selector.MatchExpressions.Count; i++)
        {
            ValidateRequirement(selector.MatchExpressions[i], path.Child("matchExpressions").Index(i), errors, allowInvalidValues);
        }
    }

    /// <summary>Whether a selector selects a set of labels.</summary>
    public static bool Matches(LabelSelector selector, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in selector.MatchLabels)
        {
            if (!labels.TryGetValue(key, out var actual) || actual != value)
            {
                return false;
            }
        }
        foreach (var requirement in selector.MatchExpressions)
        {
            var isThere = labels.TryGetValue(requirement.Key, out var actual);
            var fits = requirement.Operator switch
            {
                "In" => isThere && requirement.Values.Contains(actual!),
                "NotIn" => !isThere || !requirement.Values.Contains(actual!),
                "Exists" => isThere,
                "DoesNotExist" => !isThere,
                _ => false,
            };
            if (!fits)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>A selector as tables show it: <c>app=web,tier in (a,b)</c>, sorted by key; <c>&lt;none&gt;</c> where it selects all.</summary>
    public static string Format(LabelSelector? selector)
    {
        if (selector is null || (selector.MatchLabels.Count == 0 && selector.MatchExpressions.Count == 0))
        {
            return "<none>";
        }
        var parts = new List<(string Key, string Text)>();
        foreach (var (key, value) in selector.MatchLabels)
        {
            parts.Add((key, $"{key}={value}"));
        }
        foreach (var requirement in selector.MatchExpressions)
        {
            var values = string.Join(",", requirement.Values.Order(StringComparer.Ordinal));
            parts.Add((requirement.Key, requirement.Operator switch
            {
                "In" => $"{requirement.Key} in ({values})",
                "NotIn" => $"{requirement.Key} notin ({values})",
                "Exists" => requirement.Key,
                _ => "!" + requirement.Key,
            }));
        }
        return string.Join(",", parts.OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => part.Text));
    }

    /// <summary>A map of labels as tables show it: <c>a=b,c=d</c>; <c>&lt;none&gt;</c> where there are none.</summary>
    public static string Format(IReadOnlyDictionary<string, string> labels) => labels.Count == 0
        ? "<none>"
        : string.Join(",", labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));

    private static void ValidateRequirement(LabelSelectorRequirement requirement, FieldPath path, FieldErrors errors, bool allowInvalidValues)
    {
        switch (requirement.Operator)
        {
            case "In" or "NotIn":
                if (requirement.Values.Count == 0)
                {
                    errors.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                }
                break;
            case "Exists" or "DoesNotExist":
                if (requirement.Values.Count > 0)
                {
                    errors.Forbidden(path.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }
                break;
            default:
                errors.Invalid(path.Child("operator"), requirement.Operator, "not a valid selector operator");
                break;
        }
        ValidateKey(requirement.Key, path.Child("key"), errors);
        if (allowInvalidValues)
        {
            return;
        }
        for (var i = 0; i < requirement.Values.Count; i++)
        {
            errors.Invalid(path.Child("values").Index(i), requirement.Values[i], Value(requirement.Values[i]));
        }
    }

    private static bool IsLabelText(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty || !char.IsAsciiLetterOrDigit(value[0]) || !char.IsAsciiLetterOrDigit(value[^1]))
        {
            return false;
        }
        foreach (var character in value)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
            {
                return false;
            }
        }
        return true;
    }
}
