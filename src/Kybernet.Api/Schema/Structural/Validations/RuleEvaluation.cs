using System.Text.Json.Nodes;
using Kybernet.Api.Cel;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Schema.Structural.Validations;

/// <summary>
/// Holds one object to the rules of its schema, in upstream's words. A part that an update leaves as it was may break rules that look at nothing but it
/// (KEP-4008, "CRD validation ratcheting").
/// </summary>
internal sealed class RuleEvaluation(FieldErrors errors)
{
    private const int MaxMessageBytes = 5 * 1024;

    private readonly CelBudget _budget = new();
    private bool _isOver;

    public void Run(SchemaRules rules, JsonObject item, JsonObject? previous) => Value(rules, item, previous, previous is null ? null : new Change(item, previous), path: null);

    private void Value(SchemaRules rules, JsonNode? value, JsonNode? old, Change? nearest, FieldPath? path)
    {
        if (value is null || _isOver)
        {
            return;
        }
        Rules(rules, value, old, nearest, path);
        foreach (var part in rules.AllOf)
        {
            Value(part, value, old, nearest, path);
        }
        switch (value)
        {
            case JsonObject item:
                Object(rules, item, old as JsonObject, nearest, path);
                break;
            case JsonArray list when rules.Items is { } items:
                for (var i = 0; i < list.Count && !_isOver; i++)
                {
                    var before = Counterpart(rules.Schema, list[i], old as JsonArray);
                    Value(items, list[i], before, Nearer(nearest, list[i], before), path!.Index(i));
                }
                break;
        }
    }

    private void Object(SchemaRules rules, JsonObject item, JsonObject? old, Change? nearest, FieldPath? path)
    {
        var isOne = rules.Schema.Props.XKubernetesMapType == "atomic";
        foreach (var (name, value) in item)
        {
            var isField = rules.Properties.TryGetValue(name, out var part);
            if (!isField && (part = rules.Values) is null)
            {
                continue;
            }
            var before = old?[name];
            var place = path is null ? FieldPath.Of(name) : isField ? path.Child(name) : path.Key(name);
            Value(part!, value, isOne ? null : before, Nearer(nearest, value, before), place);
        }
    }

    private static Change? Nearer(Change? nearest, JsonNode? value, JsonNode? before) => before is null ? nearest : new Change(value, before);

    /// <summary>The item that was the same item before: where keys tell items apart, nothing else does.</summary>
    private static JsonNode? Counterpart(StructuralSchema schema, JsonNode? item, JsonArray? old)
    {
        if (old is null || schema.Props.XKubernetesListType != "map")
        {
            return null;
        }
        var key = ListKeys.Of(schema, item);
        return old.FirstOrDefault(candidate => ListKeys.Of(schema, candidate) == key);
    }

    private void Rules(SchemaRules rules, JsonNode value, JsonNode? old, Change? nearest, FieldPath? path)
    {
        if (rules.Rules.Count == 0)
        {
            return;
        }
        var self = CelJson.ToValue(value, rules.Type);
        var oldSelf = old is null ? null : CelJson.ToValue(old, rules.Type);
        foreach (var rule in rules.Rules)
        {
            if (_isOver || (rule.UsesOldSelf && oldSelf is null && rule.Rule.OptionalOldSelf != true))
            {
                continue;
            }
            var bindings = new CelBindings().Set(RuleProgram.Self, self);
            if (rule.Rule.OptionalOldSelf == true)
            {
                bindings.Set(RuleProgram.OldSelf, oldSelf is null ? CelOptional.None : CelOptional.Of(oldSelf));
            }
            else if (oldSelf is not null)
            {
                bindings.Set(RuleProgram.OldSelf, oldSelf);
            }
            Judge(new Place(rules.Schema.Props.Type ?? "", path), rule, bindings, nearest);
        }
    }

    private void Judge(Place place, RuleProgram rule, CelBindings bindings, Change? nearest)
    {
        if (rule.Program is not { } program)
        {
            place.Invalid(errors, $"rule compile error: {rule.Problem}");
            return;
        }
        try
        {
            var verdict = program.Evaluate(bindings, _budget);
            if (IsOverBudget(place, "validation failed due to running out of cost budget, no further validation rules will be run")
                || verdict is CelBool { Value: true })
            {
                return;
            }
            if (Message(place, rule, bindings) is { } message)
            {
                Tell(place.Below(rule.Rule.FieldPath), rule, message, isOld: !rule.UsesOldSelf && nearest is { IsNone: true });
            }
        }
        catch (CelBudgetException exception)
        {
            _isOver = true;
            place.Invalid(errors, $"'{exception.Message}': no further validation rules will be run due to call cost exceeds limit for rule: {rule.Name}");
        }
        catch (CelException exception)
        {
            place.Invalid(errors, exception.Message.StartsWith(CelError.NoSuchOverload.Message, StringComparison.Ordinal)
                ? $"'{exception.Message}': call arguments did not match a supported operator, function or macro signature for rule: {rule.Name}"
                : $"{exception.Message} evaluating rule: {rule.Name}");
        }
    }

    /// <summary>Refuses the object, or only warns where the value broke the rule before.</summary>
    private void Tell(Place place, RuleProgram rule, string message, bool isOld)
    {
        var told = isOld ? new FieldErrors() : errors;
        place.Broken(told, rule.Rule.Reason, message);
        if (isOld)
        {
            errors.Warn(told.Items[0].ToString());
        }
    }

    /// <summary>What the rule says of a value that breaks it; null where an error that ends everything was told instead.</summary>
    private string? Message(Place place, RuleProgram rule, CelBindings bindings)
    {
        if (rule.MessageProgram is not { } program)
        {
            return rule.Message;
        }
        try
        {
            var message = program.Evaluate(bindings, _budget).ToString()!.Trim();
            if (IsOverBudget(place.Below(rule.Rule.FieldPath), "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run"))
            {
                return null;
            }
            return message.Length is > 0 and <= MaxMessageBytes && !message.Contains('\n', StringComparison.Ordinal) ? message : rule.Message;
        }
        catch (CelBudgetException)
        {
            _isOver = true;
            place.Below(rule.Rule.FieldPath).Invalid(
                errors, $"no further validation rules will be run due to call cost exceeds limit for messageExpression: \"{rule.Rule.MessageExpression}\"");
            return null;
        }
        catch (CelException)
        {
            return rule.Message; // which is always right, if less to the point
        }
    }

    private bool IsOverBudget(Place place, string message)
    {
        if (_budget.Remaining >= 0)
        {
            return false;
        }
        _isOver = true;
        place.Invalid(errors, message);
        return true;
    }

    /// <summary>The nearest part around a value that can be compared with what it was before.</summary>
    private sealed class Change(JsonNode? now, JsonNode? before)
    {
        private bool? _isNone;

        /// <summary>Whether it is as it was.</summary>
        public bool IsNone => _isNone ??= JsonValues.Same(now, before);
    }

    /// <summary>Where errors about a value are told, by its type rather than by itself.</summary>
    private readonly record struct Place(string Type, FieldPath? Path)
    {
        private FieldPath Named => Path ?? FieldPath.Of("<nil>");

        public Place Below(string? fieldPath) => RuleFieldPath.Normalise(fieldPath) is { } below ? this with { Path = Path?.Child(below) ?? FieldPath.Of(below) } : this;

        public void Invalid(FieldErrors errors, string message) => errors.Invalid(Named, Type, message);

        public void Broken(FieldErrors errors, string? reason, string message)
        {
            switch (reason)
            {
                case nameof(FieldErrorReason.FieldValueForbidden):
                    errors.Forbidden(Named, message);
                    break;
                case nameof(FieldErrorReason.FieldValueRequired):
                    errors.Required(Named, message);
                    break;
                case nameof(FieldErrorReason.FieldValueDuplicate):
                    errors.Duplicate(Named, Type);
                    break;
                default:
                    errors.Invalid(Named, Type, message);
                    break;
            }
        }
    }
}
