using System.Text.Json.Nodes;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.Api.Json;
using Kybernet.Api.Patching;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Admission.Expressions;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>What a policy that changes objects says, compiled.</summary>
internal sealed class MutatingPolicyBody
{
    private readonly CelVariables _variables;
    private readonly MatchConditions _conditions;
    private readonly (bool IsPatch, CompiledExpression Expression)[] _mutations;

    /// <param name="spec">The policy.</param>
    public MutatingPolicyBody(MutatingAdmissionPolicySpec spec)
    {
        var plain = AdmissionEnvironment.Of(spec.ParamKind is not null);
        _conditions = new MatchConditions(plain, spec.MatchConditions);
        _variables = new CelVariables(MutationTypes.In(plain));
        foreach (var variable in spec.Variables)
        {
            _variables.Add(variable.Name, variable.Expression);
        }
        _mutations = [.. spec.Mutations.Select(mutation => (mutation.JsonPatch is not null, MutationTypes.Compile(_variables.Environment, mutation)))];
        IsRepeatable = spec.ReinvocationPolicy == "IfNeeded";
    }

    /// <summary>Whether the policy is applied again where the object has changed since.</summary>
    public bool IsRepeatable { get; }

    /// <summary>Whether the policy is about a request at all.</summary>
    /// <exception cref="ExpressionException">That is not known.</exception>
    public bool Matches(CelBindings bindings) => _conditions.Hold(bindings);

    /// <summary>An object as the policy has it. A change that fails leaves what those before it made.</summary>
    /// <param name="item">The object; not changed.</param>
    /// <param name="schema">Its type.</param>
    /// <param name="about">The request with the policy's settings, its object apart.</param>
    /// <param name="problems">Told what went wrong.</param>
    public JsonObject Apply(JsonObject item, TypeSchema schema, CelBindings about, List<string> problems)
    {
        foreach (var (isPatch, expression) in _mutations)
        {
            var budget = new CelBudget();
            var bindings = new CelBindings(about).Set(AdmissionEnvironment.Object, item);
            _variables.Bind(bindings, budget);
            try
            {
                var value = expression.Evaluate(bindings, budget);
                item = Typed(isPatch ? Patched(item, (CelList)value) : ConfigurationMerge.Apply(item, value, schema), schema);
            }
            catch (PatchException exception) when (exception.Failure == PatchFailure.TestFailed)
            {
                // A test that fails means that there is nothing to change.
            }
            catch (PatchException exception)
            {
                problems.Add($"JSONPath: {exception.Message}");
            }
            catch (Exception exception) when (exception is ExpressionException or CelException or PolicyException or SchemaDecodeException)
            {
                problems.Add(exception.Message);
            }
        }
        return item;
    }

    /// <summary>The object, held to its type: what clients send is so too.</summary>
    private static JsonObject Typed(JsonObject item, TypeSchema schema)
    {
        var result = SchemaDecoder.Decode(ModelJson.ToUtf8(item), schema);
        return result.StrictErrors.Count == 0 ? result.Object : throw new PolicyException($"strict decoding error: {string.Join(", ", result.StrictErrors)}");
    }

    private static JsonObject Patched(JsonObject item, CelList operations) =>
        JsonPatch.Apply(item, CelJson.ToNode(operations)) as JsonObject ?? throw new PolicyException("JSONPath: the patch leaves no object");
}
