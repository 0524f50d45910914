using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Schema.Structural.Validations;

/// <summary>What is wrong with the rules of a schema themselves, in upstream's words.</summary>
internal sealed class RuleChecks(FieldErrors errors)
{
    private const string Extension = "x-kubernetes-validations";

    private static readonly string[] Reasons =
    [
        nameof(FieldErrorReason.FieldValueDuplicate), nameof(FieldErrorReason.FieldValueForbidden), nameof(FieldErrorReason.FieldValueInvalid), nameof(FieldErrorReason.FieldValueRequired),
    ];

    private static readonly char[] LineBreaks = ['\n', '\r'];

    private readonly RuleCosts _costs = new();

    /// <summary>Judges all rules of a schema that is otherwise right.</summary>
    public void Check(StructuralSchema root, FieldPath path)
    {
        if (root.HasRules)
        {
            Part(root, root, path, isResource: true, uncorrelatable: null, cardinality: 1);
            _costs.Report(path, errors);
        }
    }

    /// <param name="described">What says the types of values.</param>
    /// <param name="ruled">What has the rules.</param>
    /// <param name="path">Where the rules are.</param>
    /// <param name="isResource">Whether the values are whole objects.</param>
    /// <param name="uncorrelatable">The outermost part in which nothing tells which value an item was before; null for none.</param>
    /// <param name="cardinality">How many such values an object can have; null where nothing bounds them.</param>
    private void Part(StructuralSchema described, StructuralSchema ruled, FieldPath path, bool isResource, FieldPath? uncorrelatable, double? cardinality)
    {
        if (!ruled.HasRules)
        {
            return;
        }
        Own(described, ruled, path, isResource, uncorrelatable, cardinality);
        var isOne = described.Props.XKubernetesMapType == "atomic";
        foreach (var (name, property) in ruled.Properties.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            if (described.Properties.TryGetValue(name, out var known))
            {
                Part(known, property, path.Child("properties").Key(name), known.IsEmbeddedResource, uncorrelatable ?? (isOne ? path : null), cardinality);
            }
        }
        if (described.AdditionalProperties is { } value && ruled.AdditionalProperties is { } values)
        {
            Part(value, values, path.Child("additionalProperties"), value.IsEmbeddedResource, uncorrelatable ?? (isOne ? path : null), cardinality * described.Props.MaxProperties);
        }
        if (described.Items is { } item && ruled.Items is { } items)
        {
            Part(item, items, path.Child("items"), item.IsEmbeddedResource, uncorrelatable ?? (described.Props.XKubernetesListType == "map" ? null : path), cardinality * described.Props.MaxItems);
        }
        for (var i = 0; i < ruled.AllOf.Count; i++)
        {
            Part(described, ruled.AllOf[i], path.Child("allOf").Index(i), isResource, uncorrelatable, cardinality);
        }
    }

    private void Own(StructuralSchema described, StructuralSchema ruled, FieldPath path, bool isResource, FieldPath? uncorrelatable, double? cardinality)
    {
        var rules = ruled.Props.XKubernetesValidations;
        var before = errors.Items.Count;
        for (var i = 0; i < rules.Count; i++)
        {
            Shape(rules[i], described, path.Child(Extension).Index(i));
        }
        if (rules.Count == 0 || errors.Items.Count > before)
        {
            return;
        }
        if (StructuralDeclarations.Of(described, isResource) is not { } type)
        {
            errors.Add(
                FieldErrorReason.InternalError, path.Child(Extension), "Internal error: internal error: failed to retrieve type information for x-kubernetes-validations");
            return;
        }
        for (var i = 0; i < rules.Count; i++)
        {
            var program = new RuleProgram(rules[i], type);
            var place = path.Child(Extension).Index(i);
            _costs.Add(program, cardinality ?? StructuralDeclarations.MaxCardinality(described, isResource), place, errors);
            Expressions(program, place, uncorrelatable);
        }
    }

    private void Shape(ValidationRule rule, StructuralSchema schema, FieldPath path)
    {
        var (text, message) = (rule.Rule.Trim(), (rule.Message ?? "").Trim());
        if (text.Length == 0)
        {
            errors.Required(path.Child("rule"), "rule is not specified");
        }
        else if (rule.Message is { Length: > 0 } && message.Length == 0)
        {
            errors.Invalid(path.Child("message"), rule.Message, "message must be non-empty if specified");
        }
        else if (message.IndexOfAny(LineBreaks) >= 0)
        {
            errors.Invalid(path.Child("message"), rule.Message, "message must not contain line breaks");
        }
        else if (text.IndexOfAny(LineBreaks) >= 0 && message.Length == 0)
        {
            errors.Required(path.Child("message"), "message must be specified if rule contains line breaks");
        }
        if (rule.MessageExpression is { Length: > 0 } expression && expression.Trim().Length == 0)
        {
            errors.Required(path.Child("messageExpression"), "messageExpression must be non-empty if specified");
        }
        if (rule.Reason is { } reason && !Reasons.Contains(reason))
        {
            errors.NotSupported(path.Child("reason"), reason, Reasons);
        }
        if (rule.FieldPath is { Length: > 0 } fieldPath)
        {
            FieldPath(fieldPath, schema, path.Child("fieldPath"));
        }
    }

    private void FieldPath(string fieldPath, StructuralSchema schema, FieldPath path)
    {
        if (fieldPath.Trim().Length == 0)
        {
            errors.Invalid(path, fieldPath, "fieldPath must be non-empty if specified");
        }
        if (fieldPath.IndexOfAny(LineBreaks) >= 0)
        {
            errors.Invalid(path, fieldPath, "fieldPath must not contain line breaks");
        }
        if (!RuleFieldPath.IsValid(fieldPath, schema))
        {
            errors.Invalid(path, fieldPath, "fieldPath must be a valid path");
        }
    }

    private void Expressions(RuleProgram program, FieldPath path, FieldPath? uncorrelatable)
    {
        if (program.Problem is { } problem)
        {
            errors.Add(FieldErrorReason.FieldValueInvalid, path.Child("rule"), $"Invalid value: {Describe(program.Rule)}: {problem}");
        }
        if (program.MessageProblem is { } messageProblem)
        {
            errors.Add(FieldErrorReason.FieldValueInvalid, path.Child("messageExpression"), $"Invalid value: {Describe(program.Rule)}: {messageProblem}");
        }
        if (program.UsesOldSelf && uncorrelatable is not null)
        {
            errors.Invalid(path.Child("rule"), program.Rule.Rule, $"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelatable}");
        }
        else if (!program.UsesOldSelf && program.Problem is null && program.Rule.OptionalOldSelf is { } optional)
        {
            errors.Invalid(path.Child("optionalOldSelf"), optional, "may not be set if oldSelf is not used in rule");
        }
    }

    /// <summary>The rule as Go prints it, which is what clients are shown.</summary>
    private static string Describe(ValidationRule rule)
    {
        var optional = rule.OptionalOldSelf is { } isOptional ? $"(*bool)({(isOptional ? "true" : "false")})" : "(*bool)(nil)";
        var reason = $"(*apiextensions.FieldValueErrorReason)({(rule.Reason is null ? "nil" : Quote(rule.Reason))})";
        return $"apiextensions.ValidationRule{{Rule:{Quote(rule.Rule)}, Message:{Quote(rule.Message)}, MessageExpression:{Quote(rule.MessageExpression)}, "
            + $"Reason:{reason}, FieldPath:{Quote(rule.FieldPath)}, OptionalOldSelf:{optional}}}";
    }

    private static string Quote(string? text) => Cel.Strings.Quote(text ?? "");
}
