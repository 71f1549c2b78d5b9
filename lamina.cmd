@echo off
rem Runs Lamina's command line in the caller's folder with the caller's arguments. Builds it on the
rem first start and when its sources changed (cli\src\launcher\java\Build.java).
rem   JAVA_HOME          the JDK to use, else the one on the PATH
rem   LAMINA_JAVA_OPTS   more flags for the JVM
setlocal
set "root=%~dp0"
set "root=%root:~0,-1%"
set "state=%root%\target\launcher"
set "LAMINA_INSTALL=winget install EclipseAdoptium.Temurin.21.JDK (the JDK), scoop install maven (Maven)"

set "java="
for %%j in (java.exe) do set "java=%%~$PATH:j"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
set "found=no java on the PATH"
if not defined java goto missing
set "found=there is no %java%"
if not exist "%java%" goto missing

rem The JDK's path as part of a file name: the JVM's arguments differ from JDK to JDK.
set "key=%java::=%"
set "key=%key:\=_%"

if exist "%state%\tool\Build.class" goto compiled
rem This flag came with JDK 16.
set "found=%java% is older"
"%java%" --enable-native-access=ALL-UNNAMED --version >nul 2>nul
if errorlevel 1 goto missing
for %%j in ("%java%") do set "javac=%%~dpjjavac.exe"
set "found=%java% has no compiler beside it"
if not exist "%javac%" goto missing
"%java%" "%root%\cli\src\launcher\java\Build.java" "%root%" "%key%" <nul 1>&2
if errorlevel 1 exit /b %errorlevel%
goto built

:compiled
"%java%" -XX:TieredStopAtLevel=1 -cp "%state%\tool" Build "%root%" "%key%" <nul 1>&2
if errorlevel 1 exit /b %errorlevel%

:built
set "build="
for /f "usebackq delims=" %%b in ("%state%\current") do if not defined build set "build=%%b"
set "collector=-XX:+UseSerialGC"
if defined LAMINA_JAVA_OPTS if not "%LAMINA_JAVA_OPTS:GC=%"=="%LAMINA_JAVA_OPTS%" set "collector="
"%java%" %collector% "@%state%\%build%\%key%.args" %LAMINA_JAVA_OPTS% dev.lamina.cli.Main %*
exit /b %errorlevel%

:missing
echo lamina: a JDK, 17 or newer, is needed: %found%; install it with>&2
echo   %LAMINA_INSTALL%>&2
exit /b 3
