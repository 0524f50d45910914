using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.ApiServer.Admission.Expressions;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>The types that the expressions of changes make values of: <c>Object{...}</c> and <c>JSONPatch{...}</c>.</summary>
internal static class MutationTypes
{
    private static readonly CelObjectType Configuration = new("Object", static () => new Dictionary<string, CelField>(StringComparer.Ordinal)) { IsOpen = true };

    private static readonly CelObjectType Operation = CelObjectType.Of(
        "JSONPatch",
        new CelField("op", CelType.String),
        new CelField("from", CelType.String),
        new CelField("path", CelType.String),
        new CelField("value", CelType.Dyn));

    /// <summary>The environment with these types.</summary>
    public static CelEnvironment In(CelEnvironment environment) => environment.WithType(Configuration).WithType(Operation);

    /// <summary>Compiles the expression of a change.</summary>
    public static CompiledExpression Compile(CelEnvironment environment, Mutation mutation) => mutation.JsonPatch is { } patch
        ? new CompiledExpression(environment, patch.Expression ?? "", CelType.ListOf(Operation))
        : new CompiledExpression(environment, mutation.ApplyConfiguration?.Expression ?? "", Configuration);
}
