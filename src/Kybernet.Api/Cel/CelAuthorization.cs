using Kybernet.Api.Validation;

namespace Kybernet.Api.Cel;

/// <summary>The values and functions by which expressions ask who may do what.</summary>
public static class CelAuthorization
{
    // Two questions are all that one evaluation can pay for.
    private const long CheckCost = 350_000;

    private static readonly CelType PathCheck = CelType.Opaque("kubernetes.authorization.PathCheck");
    private static readonly CelType GroupCheck = CelType.Opaque("kubernetes.authorization.GroupCheck");
    private static readonly CelType DecisionType = CelType.Opaque("kubernetes.authorization.Decision");

    /// <summary>The type of <c>authorizer</c>.</summary>
    public static CelType AuthorizerType { get; } = CelType.Opaque("kubernetes.authorization.Authorizer");

    /// <summary>The type of <c>authorizer.requestResource</c>, and of what leads to it.</summary>
    public static CelType ResourceCheckType { get; } = CelType.Opaque("kubernetes.authorization.ResourceCheck");

    /// <summary>The value of <c>authorizer</c>.</summary>
    public static CelValue Authorizer(ICelAuthorizer authorizer) => Of(AuthorizerType, authorizer, new CelAccess());

    /// <summary>The value of <c>authorizer.requestResource</c>.</summary>
    public static CelValue RequestResource(ICelAuthorizer authorizer, CelAccess access) => Of(ResourceCheckType, authorizer, access);

    internal static void Declare(CelFunctions functions)
    {
        functions.Member(
            "path", [AuthorizerType, CelType.String], PathCheck,
            static arguments => Text(arguments).Trim().Length == 0
                ? new CelError("path must not be empty")
                : Of(PathCheck, arguments, static (access, text) => access with { Path = text }));
        functions.Member(
            "group", [AuthorizerType, CelType.String], GroupCheck,
            static arguments => Of(GroupCheck, arguments, static (access, text) => access with { Group = text }));
        functions.Member(
            "serviceAccount", [AuthorizerType, CelType.String, CelType.String], AuthorizerType,
            static arguments => ServiceAccount(Value(arguments[0]), Strings.Value(arguments[1]), Strings.Value(arguments[2])));
        functions.Member(
            "resource", [GroupCheck, CelType.String], ResourceCheckType,
            static arguments => Text(arguments).Trim().Length == 0
                ? new CelError("resource must not be empty")
                : Of(ResourceCheckType, arguments, static (access, text) => access with { Resource = text }));
        Narrow(functions, "subresource", static (access, text) => access with { Subresource = text });
        Narrow(functions, "namespace", static (access, text) => access with { Namespace = text });
        Narrow(functions, "name", static (access, text) => access with { Name = text });
        Narrow(functions, "fieldSelector", static (access, text) => access with { FieldSelector = text });
        Narrow(functions, "labelSelector", static (access, text) => access with { LabelSelector = text });
        functions.Member("check", [PathCheck, CelType.String], DecisionType, Check, static (_, _) => CheckCost);
        functions.Member("check", [ResourceCheckType, CelType.String], DecisionType, Check, static (_, _) => CheckCost);
        functions.Member("allowed", [DecisionType], CelType.Bool, static arguments => CelBool.Of(Decision(arguments).Allowed));
        functions.Member("reason", [DecisionType], CelType.String, static arguments => new CelString(Decision(arguments).Reason));
        functions.Member("errored", [DecisionType], CelType.Bool, static arguments => CelBool.Of(Decision(arguments).Error.Length > 0));
        functions.Member("error", [DecisionType], CelType.String, static arguments => new CelString(Decision(arguments).Error));
    }

    private static void Narrow(CelFunctions functions, string name, Func<CelAccess, string, CelAccess> change) =>
        functions.Member(name, [ResourceCheckType, CelType.String], ResourceCheckType, arguments => Of(ResourceCheckType, arguments, change));

    private static Question Value(CelValue value) => ((CelOpaque<Question>)value).Value;

    private static string Text(CelValue[] arguments) => Strings.Value(arguments[1]);

    private static CelDecision Decision(CelValue[] arguments) => ((CelOpaque<CelDecision>)arguments[0]).Value;

    private static CelOpaque<Question> Of(CelType type, ICelAuthorizer authorizer, CelAccess access) => new(type, new Question(authorizer, access));

    private static CelOpaque<Question> Of(CelType type, CelValue[] arguments, Func<CelAccess, string, CelAccess> change) =>
        Of(type, Value(arguments[0]).Authorizer, change(Value(arguments[0]).Access, Text(arguments)));

    private static CelOpaque<CelDecision> Check(CelValue[] arguments) =>
        new(DecisionType, Value(arguments[0]).Authorizer.Check(Value(arguments[0]).Access with { Verb = Text(arguments) }));

    private static CelValue ServiceAccount(Question question, string @namespace, string name)
    {
        if (Names.Dns1123Subdomain(name).Count > 0)
        {
            return new CelError("Invalid service account name");
        }
        return Names.Dns1123Label(@namespace).Count > 0
            ? new CelError("Invalid service account namespace")
            : Of(AuthorizerType, question.Authorizer.ForServiceAccount(@namespace, name), question.Access);
    }

    private sealed record Question(ICelAuthorizer Authorizer, CelAccess Access);
}
