namespace Kybernet.Api.Cel;

/// <summary>Answers what the <c>authorizer</c> of an expression asks: whether somebody may do something.</summary>
public interface ICelAuthorizer
{
    /// <summary>Whether it may be done.</summary>
    CelDecision Check(CelAccess access);

    /// <summary>The same questions about a ServiceAccount.</summary>
    ICelAuthorizer ForServiceAccount(string @namespace, string name);
}

/// <summary>What somebody would do: with a resource, or with a path where <see cref="Path"/> is not empty.</summary>
public sealed record CelAccess
{
    /// <summary>What would be done.</summary>
    public string Verb { get; init; } = "";

    /// <summary>The path; empty for resources.</summary>
    public string Path { get; init; } = "";

    /// <summary>The resource's group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The resource.</summary>
    public string Resource { get; init; } = "";

    /// <summary>A part of it; empty for the whole.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace; empty for all, and for objects that have none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The object's name; empty for any.</summary>
    public string Name { get; init; } = "";

    /// <summary>Which objects, by their fields; empty for all.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>Which objects, by their labels; empty for all.</summary>
    public string LabelSelector { get; init; } = "";
}

/// <summary>An answer.</summary>
/// <param name="Allowed">Whether it may be done.</param>
/// <param name="Reason">Why; may be empty.</param>
/// <param name="Error">What kept it from being decided; empty for nothing.</param>
public sealed record CelDecision(bool Allowed, string Reason, string Error = "");
