using System.Text.Json;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>Writes the parameters of paths and queries.</summary>
internal sealed class ParameterWriter(Utf8JsonWriter writer, OpenApiDialect dialect)
{
    /// <summary>Writes the query parameters of an action, inside an array. Clients look here for what the server understands.</summary>
    public void WriteQuery(string action)
    {
        switch (action)
        {
            case "list":
                WriteSelection();
                Query("watch", "boolean", "Keep the answer open, and send what changes.");
                Query("allowWatchBookmarks", "boolean", "Also send BOOKMARK events, which only tell how far the watch has come.");
                break;
            case "deletecollection":
                WriteSelection();
                WriteDeletion();
                break;
            case "delete":
                WriteDeletion();
                break;
            case "post" or "put":
                WriteWrite();
                break;
            case "patch":
                WriteWrite();
                Query("force", "boolean", "Take over the fields that another manager owns. For apply patches only.");
                break;
        }
    }

    /// <summary>Writes what all operations of a path have in common, inside an array.</summary>
    public void WritePath(string path)
    {
        if (path.Contains("{name}", StringComparison.Ordinal))
        {
            Write("name", "path", "string", "The name of the object.", required: true);
        }
        if (path.Contains("{namespace}", StringComparison.Ordinal))
        {
            Write("namespace", "path", "string", "The namespace of the object.", required: true);
        }
        Query("pretty", "string", "If true, the answer is indented.");
    }

    private void WriteWrite()
    {
        Query("dryRun", "string", "With All, the request is carried out in every way but that nothing is stored.");
        Query("fieldManager", "string", "Who owns the fields that the request sets: at most 128 printable characters.");
        Query("fieldValidation", "string", "What to do about unknown and duplicate fields: Ignore, Warn (the default) or Strict.");
    }

    private void WriteDeletion()
    {
        Query("dryRun", "string", "With All, the request is carried out in every way but that nothing is stored.");
        Query("gracePeriodSeconds", "integer", "How long the object may take to end; zero for at once.");
        Query("propagationPolicy", "string", "What becomes of the objects that it owns: Orphan, Background or Foreground.");
        Query("orphanDependents", "boolean", "Deprecated: use propagationPolicy.");
    }

    private void WriteSelection()
    {
        Query("continue", "string", "Where the next page of a list begins, as the page before told.");
        Query("fieldSelector", "string", "Only objects with fields of these values.");
        Query("labelSelector", "string", "Only objects with these labels.");
        Query("limit", "integer", "How many objects a page has at most.");
        Query("resourceVersion", "string", "The revision to answer from.");
        Query("resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan.");
        Query("sendInitialEvents", "boolean", "Whether a watch begins with the objects that there are.");
        Query("timeoutSeconds", "integer", "How long the request may take.");
    }

    private void Query(string name, string type, string description) => Write(name, "query", type, description, required: false);

    private void Write(string name, string place, string type, string description, bool required)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("in"u8, place);
        writer.WriteString("description"u8, description);
        if (required)
        {
            writer.WriteBoolean("required"u8, true);
        }
        if (dialect == OpenApiDialect.V3)
        {
            writer.WriteStartObject("schema"u8);
        }
        writer.WriteString("type"u8, type);
        writer.WriteBoolean("uniqueItems"u8, true);
        if (dialect == OpenApiDialect.V3)
        {
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
